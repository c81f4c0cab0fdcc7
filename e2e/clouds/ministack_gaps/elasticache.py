"""What MiniStack lacks of ElastiCache."""

from ministack.services import elasticache

from .amend import OK, amend

# --- ElastiCache: members follow the replica count, parameters have a source ----------------

def resizing(plain):
    def resize(p):
        answer = plain(p)
        if answer[0] != OK:
            return answer
        group = elasticache._replication_groups[elasticache._p(p, "ReplicationGroupId")]
        members = [m["CacheClusterId"] for ng in group["NodeGroups"] for m in ng["NodeGroupMembers"]]
        twin = elasticache._clusters[members[0]]
        for gone in set(group["MemberClusters"]) - set(members):
            elasticache._clusters.pop(gone, None)
        for new in set(members) - set(group["MemberClusters"]):
            arn = elasticache._arn_cluster(new)
            elasticache._clusters[new] = {**twin, "CacheClusterId": new, "CacheClusterArn": arn}
            elasticache._tags[arn] = list(elasticache._tags.get(twin["CacheClusterArn"], []))
        group["MemberClusters"] = members
        listed = "".join(f"<ClusterId>{member}</ClusterId>" for member in members)
        return amend(answer, r"<MemberClusters>.*?</MemberClusters>", f"<MemberClusters>{listed}</MemberClusters>")

    return resize


plain_describe_parameters = elasticache._describe_cache_parameters


def describe_parameters(p):
    source = elasticache._p(p, "Source")

    def keep(match):
        return match[0] if not source or f"<Source>{source}</Source>" in match[0] else ""

    return amend(plain_describe_parameters(p), r"<Parameter>.*?</Parameter>", keep)


elasticache._increase_replica_count = resizing(elasticache._increase_replica_count)
elasticache._decrease_replica_count = resizing(elasticache._decrease_replica_count)
elasticache._describe_cache_parameters = describe_parameters


# --- ElastiCache: Memcached has a configuration endpoint, security groups, and nodes that are named to go ---

plain_cluster_inner = elasticache._cluster_xml_inner


def listed(p, name, member):
    return elasticache._extract_configs(p, name, (member, "member"))


def completing(plain, root):
    def complete(p):
        cluster = elasticache._clusters.get(elasticache._p(p, "CacheClusterId"))
        gone = listed(p, "CacheNodeIdsToRemove", "CacheNodeId")
        if cluster and gone:
            cluster["CacheNodes"] = [node for node in cluster["CacheNodes"] if node["CacheNodeId"] not in gone]
            cluster["NumCacheNodes"] = len(cluster["CacheNodes"])
        answer = plain(p)
        if answer[0] != OK:
            return answer
        cluster = elasticache._clusters[elasticache._p(p, "CacheClusterId")]
        groups = listed(p, "SecurityGroupIds", "SecurityGroupId")
        if groups:
            cluster["SecurityGroups"] = [{"SecurityGroupId": group, "Status": "active"} for group in groups]
        return elasticache._xml_cluster_response(f"{root}Response", f"{root}Result", cluster)

    return complete


def cluster_inner(cluster):
    text = plain_cluster_inner(cluster)
    if cluster["Engine"] != "memcached":
        return text
    endpoint = cluster["_endpoint"]
    address = f"<Address>{cluster['CacheClusterId']}.cfg.{endpoint['Address']}</Address><Port>{endpoint['Port']}</Port>"
    return f"{text}<ConfigurationEndpoint>{address}</ConfigurationEndpoint>"


elasticache._create_cache_cluster = completing(elasticache._create_cache_cluster, "CreateCacheCluster")
elasticache._modify_cache_cluster = completing(elasticache._modify_cache_cluster, "ModifyCacheCluster")
elasticache._cluster_xml_inner = cluster_inner
