#!/bin/sh
# Runs the qianzhi of this folder with the Node.js beside it, whatever PATH holds.
here=$(readlink -f "$0")
here=${here%/bin/qianzhi}
# The machine's own config, where the folder of the caller has none.
config=${here%/opt/qianzhi/versions/*}/etc/qianzhi/agent.yaml
if [ -z "${QZ_CONFIG:-}" ] && [ ! -e agent.yaml ] && [ -e "$config" ]; then export QZ_CONFIG="$config"; fi
# As the first line of qianzhi.js says: they keep platform and agents small.
@EXEC@
