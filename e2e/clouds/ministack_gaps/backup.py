"""What MiniStack lacks of AWS Backup."""

import json
import re
import urllib.parse

from ministack.services import backup

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
    """Three calls more: DeleteRecoveryPoint and those of the vault's lock."""
    plain = urllib.parse.unquote(path)
    point = re.fullmatch(r"/backup-vaults/([^/]+)/recovery-points/(.+)", plain)
    locked = re.fullmatch(r"/backup-vaults/([^/]+)/vault-lock", plain)
    if point and method == "DELETE":
        return delete_point(point[2])
    if locked and method == "PUT":
        return lock(locked[1], True, json.loads(body or b"{}").get("MinRetentionDays"))
    if locked and method == "DELETE":
        return lock(locked[1], False, None)
    return await plain_backup(method, path, headers, body, query)


backup._list_recovery_points_by_vault = list_points
backup.handle_request = answer_backup
