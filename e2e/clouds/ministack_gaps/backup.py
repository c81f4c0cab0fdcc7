"""What MiniStack lacks of AWS Backup."""

import json
import re
import urllib.parse

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region, new_uuid
from ministack.services import backup

# --- Backup: jobs that restore a file system ------------------------------------------------

restores = AccountRegionScopedDict()


def point_arn(_):
    """As AWS's: MiniStack puts the vault's name and a slash before the number."""
    return f"arn:aws:backup:{get_region()}:{get_account_id()}:recovery-point:{new_uuid()}"


def job_of(point):
    made = (job for job in backup._jobs.values() if job["RecoveryPointArn"] == point and not job.get("PointIsGone"))
    return next(made, None)


def start_restore(body):
    """Done at once; the gateway gives it its time. No recovery point is broken, but one that says so in its tags."""
    point, files = body.get("RecoveryPointArn", ""), body.get("Metadata", {}).get("file-system-id", "")
    made = job_of(point)
    if made is None:
        return backup._not_found(f"Recovery point '{point}' not found.")
    fails = (made.get("RecoveryPointTags") or {}).get("restore") == "fails"
    job_id, now = new_uuid(), backup._epoch()
    restores[job_id] = {
        "AccountId": get_account_id(),
        "RestoreJobId": job_id,
        "RecoveryPointArn": point,
        "SourceResourceArn": made["ResourceArn"],
        "BackupVaultArn": made["BackupVaultArn"],
        "CreationDate": now,
        "CompletionDate": now,
        "Status": "FAILED" if fails else "COMPLETED",
        "StatusMessage": "The recovery point is broken." if fails else "",
        "PercentDone": "0.00%" if fails else "100.00%",
        "IamRoleArn": body.get("IamRoleArn", ""),
        "CreatedResourceArn": f"arn:aws:elasticfilesystem:{get_region()}:{get_account_id()}:file-system/{files}",
        "ResourceType": "EFS",
    }
    return backup._ok({"RestoreJobId": job_id})


def describe_restore(job_id):
    job = restores.get(job_id)
    return backup._ok(job) if job else backup._not_found(f"Restore job '{job_id}' not found.")


plain_resolve = backup._resolve_resource


def resolve(arn):
    """Recovery points have tags too."""
    made = job_of(arn)
    return made["RecoveryPointTags"] if made else plain_resolve(arn)


backup._recovery_point_arn = point_arn
backup._resolve_resource = resolve
backup._describe_restore_job = describe_restore
backup._list_restore_jobs = lambda query: backup._paginate(list(restores.values()), query, "RestoreJobs")

# --- Backup: the recovery points that complete jobs leave in their vault --------------------

plain_backup = backup.handle_request


def points(vault):
    jobs = [job for job in backup._jobs.values() if job["BackupVaultName"] == vault and not job.get("PointIsGone")]
    same = ("RecoveryPointArn", "BackupVaultName", "BackupVaultArn", "ResourceArn", "CreationDate", "CompletionDate")
    return [{**{name: job[name] for name in same}, "Status": job["State"], "IsEncrypted": True} for job in jobs]


def list_points(vault, query):
    if vault not in backup._vaults:
        return backup._not_found(f"Vault '{vault}' not found.")
    return backup._paginate(points(vault), query, "RecoveryPoints")


def delete_point(arn):
    for job in backup._jobs.values():
        if job["RecoveryPointArn"] == arn:
            job["PointIsGone"] = True
            return backup._no_content()
    return backup._not_found(f"Recovery point '{arn}' not found.")


def lock(name, locked, days):
    vault = backup._vaults.get(name)
    if vault is None:
        return backup._not_found(f"Vault '{name}' not found.")
    vault["Locked"] = locked
    vault.pop("MinRetentionDays", None)
    if days is not None:
        vault["MinRetentionDays"] = days
    return backup._no_content()


async def answer_backup(method, path, headers, body, query):
    """Four calls more: StartRestoreJob, DeleteRecoveryPoint and those of the vault's lock."""
    plain = urllib.parse.unquote(path)
    point = re.fullmatch(r"/backup-vaults/([^/]+)/recovery-points/(.+)", plain)
    locked = re.fullmatch(r"/backup-vaults/([^/]+)/vault-lock", plain)
    if plain.rstrip("/") == "/restore-jobs" and method == "PUT":
        return start_restore(json.loads(body or b"{}"))
    if point and method == "DELETE":
        return delete_point(point[2])
    if locked and method == "PUT":
        return lock(locked[1], True, json.loads(body or b"{}").get("MinRetentionDays"))
    if locked and method == "DELETE":
        return lock(locked[1], False, None)
    return await plain_backup(method, path, headers, body, query)


backup._list_recovery_points_by_vault = list_points
backup.handle_request = answer_backup
