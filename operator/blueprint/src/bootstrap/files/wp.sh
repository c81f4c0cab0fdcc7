#!/bin/bash
# WP-CLI, as the web server's user. It is fetched when it is wanted first: no boot waits for it.
set -euo pipefail
[ "$(id -u)" = 0 ] || exec sudo -n "$0" "$@"
phar=/usr/local/lib/wordpress/wp-cli.phar
if [ ! -e $phar ]; then
	new=$(mktemp)
	curl -fsSL --max-time 120 -o "$new" {{ wp_cli.url }}
	if ! echo "{{ wp_cli.sha256 }}  $new" | sha256sum -c --status; then
		rm "$new"
		echo "wp: {{ wp_cli.url }} has not the SHA-256 {{ wp_cli.sha256 }}" >&2
		exit 1
	fi
	install -m 644 "$new" $phar
	rm "$new"
fi
exec runuser -u {{ user }} -- env WP_CLI_DISABLE_AUTO_CHECK_UPDATE=1 php $phar --path=/var/www/wordpress "$@"
