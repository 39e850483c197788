#!/usr/bin/env bash
# deploy.sh against a stand-in for the AWS CLI: what is in service afterwards, and what the next update of the stack starts with.
# `cargo xtask lint-deploy` runs it; it needs jq.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
export FOLDER=$folder PATH=$folder:$PATH

cat > "$folder/aws" <<'AWS'
#!/usr/bin/env bash
# CODE: how the migration ends. BACK: whether ECS goes back by itself. STABLE: whether copies become ready in time.
echo "$*" >> "$FOLDER/calls"
case "$1 $2" in
  "cloudformation describe-stacks")
    echo '[{"OutputKey": "Cluster", "OutputValue": "cluster"}, {"OutputKey": "Service", "OutputValue": "service"},
           {"OutputKey": "TaskNetwork", "OutputValue": "network"}]' ;;
  "ecs describe-services") cat "$FOLDER/in-service" ;;
  "ecs describe-task-definition")
    echo '{"taskDefinitionArn": "mist:1", "family": "mist", "revision": 1, "status": "ACTIVE", "containerDefinitions":
           [{"name": "mist", "image": "old"}, {"name": "collector", "image": "collector"}]}' ;;
  "ecs register-task-definition") echo "$4" > "$FOLDER/registered" && echo mist:2 ;;
  "ecs run-task") echo task ;;
  "ecs describe-tasks") echo "$CODE" ;;
  "ecs update-service")
    while [[ $1 != --task-definition ]]; do shift; done
    if [[ $BACK == no ]]; then echo "$2" > "$FOLDER/in-service"; fi ;;
  "ecs wait") [[ $3 != services-stable || $STABLE == yes ]] ;;
  "ssm put-parameter") touch "$FOLDER/remembered" ;;
  *) echo "not expected: $*" >&2 && exit 64 ;;
esac
AWS
chmod +x "$folder/aws"

# expect WHAT STATUS IN_SERVICE REMEMBERED IMAGE [VARIABLE=VALUE…]
expect() {
  local what=$1 status=$2 service=$3 remembered=$4 image=$5 got=0
  shift 5
  rm -f "$folder/remembered" "$folder/calls"
  echo mist:1 > "$folder/in-service"
  env CODE=0 BACK=no STABLE=yes "$@" "$here/deploy.sh" mist "$image" > "$folder/said" 2>&1 || got=$?
  local now was=no
  now=$(cat "$folder/in-service")
  if [[ -e $folder/remembered ]]; then was=yes; fi
  if [[ $got != "$status" || $now != "$service" || $was != "$remembered" ]]; then
    echo "$what: ended with $got, $now in service, remembered: $was" >&2
    cat "$folder/said" >&2
    exit 1
  fi
  echo "ok: $what"
}

new=registry/mist@sha256:abc
expect "a new image comes into service and is remembered" 0 mist:2 yes $new
if [[ $(jq -c '[.revision, [.containerDefinitions[].image]]' "$folder/registered") != '[null,["registry/mist@sha256:abc","collector"]]' ]]; then
  echo "the new task definition differs in more than its image" >&2
  exit 1
fi
expect "a migration that fails replaces nothing" 1 mist:1 no $new CODE=1
expect "ECS went back by itself" 1 mist:1 no $new BACK=yes
expect "copies that don't become ready in time are taken back" 1 mist:1 no $new STABLE=no
expect "a tag is refused before anything is asked" 2 mist:1 no registry/mist:latest
if [[ -e $folder/calls ]]; then
  echo "AWS was asked for an image that is refused" >&2
  exit 1
fi
