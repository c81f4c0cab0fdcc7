#!/bin/bash
# Reads the site's secrets into memory, for root and the web server's group alone.
set -euo pipefail
. /usr/local/lib/wordpress/aws.sh
umask 077
run=/run/wordpress
mkdir -p $run
secret "$(site .database.secret)" >$run/database
secret "$(site .keys)" >$run/keys
: >$run/token
if [ "$(site '.cache.secret // empty')" ]; then secret "$(site .cache.secret)" | tr -d '\n' >$run/token; fi
jq -n --slurpfile database $run/database --slurpfile keys $run/keys --rawfile token $run/token \
	'{database: $database[0], keys: $keys[0], token: $token}' >$run/secrets.json
if [ "$(site '.cache.sessions // empty')" ]; then
	printf 'php_admin_value[session.save_handler] = redis\nphp_admin_value[session.save_path] = "tls://%s:%s?auth=%s&prefix=session:&timeout=2&read_timeout=2"\n' \
		"$(site .cache.host)" "$(site .cache.port)" "$(cat $run/token)" >$run/sessions.conf
fi
rm -f $run/database $run/keys $run/token
chgrp -R {{ user }} $run
chmod 750 $run
chmod 640 $run/secrets.json
