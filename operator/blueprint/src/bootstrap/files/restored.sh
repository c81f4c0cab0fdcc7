# AWS Backup lays what it restores beside uploads, in a folder of its own. A rename is one step on the server: of the
# instances that begin together one does it, and the others find it done.
place() { # FOLDER
	local from
	[ -z "$(find "$1/uploads" -mindepth 1 -print -quit 2>/dev/null)" ] || return 0
	for from in "$1"/aws-backup-restore_*/uploads; do
		[ ! -d "$from" ] || mv -fT "$from" "$1/uploads" 2>/dev/null || true
	done
	[ -d "$1/uploads" ]
}
restore() { # FILE-SYSTEM ACCESS-POINT
	local whole there=0
	whole=$(mktemp -d)
	# What another instance has renamed is to be seen at once.
	again mount -t efs -o "tls,iam,noresvport,lookupcache=none,accesspoint=$2" "$1:/" "$whole"
	place "$whole" || there=$?
	umount "$whole"
	rmdir "$whole"
	[ $there = 0 ] || fail "the recovery point holds no folder uploads: create the site with one that does"
}
