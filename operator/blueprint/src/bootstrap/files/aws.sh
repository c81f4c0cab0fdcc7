# What the instance asks AWS, signed as its role. Needs curl and jq.
site() { jq -r "$@" /etc/wordpress/site.json; }
domain() { case $(site .region) in cn-*) echo amazonaws.com.cn ;; *) echo amazonaws.com ;; esac; }
imds() { # PATH
	local token
	token=$(curl -fsS --retry 5 --retry-connrefused --max-time 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
	curl -fsS --retry 5 --max-time 5 -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"
}
# A signed request. The credentials come through standard input: the process list shows arguments.
aws() { # SERVICE CURL-ARGUMENT...
	local service=$1
	shift
	imds "iam/security-credentials/$(imds iam/security-credentials/)" |
		jq -r '"user = \"\(.AccessKeyId):\(.SecretAccessKey)\"", "header = \"X-Amz-Security-Token: \(.Token)\""' |
		curl -K - --retry 5 --aws-sigv4 "aws:amz:$(site .region):$service" "$@"
}
secret() { # ARN
	aws secretsmanager -fsS --max-time 10 -H 'Content-Type: application/x-amz-json-1.1' \
		-H 'X-Amz-Target: secretsmanager.GetSecretValue' -d "{\"SecretId\": \"$1\"}" \
		"https://secretsmanager.$(site .region).$(domain)/" | jq -er .SecretString
}
signal() { # EXIT-CODE; an instance that runs this a second time is waited for by nobody
	local result=CONTINUE
	[ "$1" = 0 ] || result=ABANDON
	[ "$(site '.hook // empty')" ] || return 0
	aws autoscaling -sS -o /dev/null --max-time 10 --data-urlencode Action=CompleteLifecycleAction -d Version=2011-01-01 \
		--data-urlencode "AutoScalingGroupName=$(site .hook.group)" --data-urlencode "LifecycleHookName=$(site .hook.name)" \
		--data-urlencode "InstanceId=$(imds instance-id)" -d "LifecycleActionResult=$result" \
		"https://autoscaling.$(site .region).$(domain)/" || echo "Auto Scaling does not hear of $result" >&2
}
