"""What MiniStack lacks of AWS WAF."""

import json

from ministack.services import waf

from .amend import OK

# --- AWS WAF: a web ACL that stands before a load balancer stays ------------------------------

plain_delete_web_acl = waf._delete_web_acl


def delete_web_acl(data):
    acl = waf._resource_from_scope(waf._web_acls, data.get("Id", ""), data.get("Scope", "REGIONAL"))
    if acl and acl["ARN"] in waf._associations.values():
        return waf._waf_err("WAFAssociatedItemException", "The resource is being used by another resource.")
    return plain_delete_web_acl(data)


waf._delete_web_acl = delete_web_acl


# --- AWS WAF: where a web ACL writes its log --------------------------------------------------

firewall_logs = {}
plain_waf = waf.handle_request


async def handle_waf(method, path, headers, body, query_params):
    action = headers.get("x-amz-target", "").split(".")[-1]
    data = json.loads(body) if action.endswith("LoggingConfiguration") else {}
    if action == "PutLoggingConfiguration":
        firewall_logs[data["LoggingConfiguration"]["ResourceArn"]] = data["LoggingConfiguration"]
        return waf.json_response(data)
    if action in ("GetLoggingConfiguration", "DeleteLoggingConfiguration"):
        if data["ResourceArn"] not in firewall_logs:
            return waf._waf_err("WAFNonexistentItemException", "There is no logging configuration.")
        if action == "DeleteLoggingConfiguration":
            del firewall_logs[data["ResourceArn"]]
            return waf.json_response({})
        return waf.json_response({"LoggingConfiguration": firewall_logs[data["ResourceArn"]]})
    answer = await plain_waf(method, path, headers, body, query_params)
    if action == "DeleteWebACL" and answer[0] == OK:
        identifier = json.loads(body)["Id"]
        for arn in [arn for arn in firewall_logs if arn.endswith(f"/{identifier}")]:
            del firewall_logs[arn]
    return answer


waf.handle_request = handle_waf
