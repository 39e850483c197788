#!/usr/bin/env bash
# Brings another image of Mist into service on ECS: deploy/aws/deploy.sh STACK IMAGE
#
# It migrates by a task of the new image while the old copies serve (migrations only expand), lets ECS replace copy by copy, and
# fails when ECS went back to the old ones. Needs the AWS CLI and jq, and the role of cloudformation/pipeline.yaml or more.
set -euo pipefail

stack=${1:?the name of the stack}
image=${2:?the image, by its digest}

if [[ $image != *@sha256:* ]]; then
  echo "An image is named by its digest (…@sha256:…): a tag may be another image when the next copy starts." >&2
  exit 2
fi

outputs=$(aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].Outputs' --output json)
output() { jq --exit-status --raw-output --arg key "$1" '.[] | select(.OutputKey == $key).OutputValue' <<<"$outputs"; }
cluster=$(output Cluster)
service=$(output Service)
network=$(output TaskNetwork)

current() {
  aws ecs describe-services --cluster "$cluster" --services "$service" --query 'services[0].taskDefinition' --output text
}
before=$(current)

echo "Registering a task definition with $image"
definition=$(aws ecs describe-task-definition --task-definition "$before" --query taskDefinition --output json |
  jq --arg image "$image" '
    (.containerDefinitions[] | select(.name == "mist")).image = $image
    | del(.taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities, .registeredAt, .registeredBy,
          .deregisteredAt)')
after=$(aws ecs register-task-definition --cli-input-json "$definition" \
  --query taskDefinition.taskDefinitionArn --output text)

echo "Migrating"
task=$(aws ecs run-task --cluster "$cluster" --launch-type FARGATE --task-definition "$after" \
  --network-configuration "$network" --overrides '{"containerOverrides": [{"name": "mist", "command": ["migrate"]}]}' \
  --query 'tasks[0].taskArn' --output text)
aws ecs wait tasks-stopped --cluster "$cluster" --tasks "$task"
code=$(aws ecs describe-tasks --cluster "$cluster" --tasks "$task" \
  --query "tasks[0].containers[?name=='mist'].exitCode | [0]" --output text)
if [[ $code != 0 ]]; then
  echo "The migration ended with $code; nothing was replaced. Its log is in the group of the service." >&2
  exit 1
fi

echo "Replacing $before by $after"
aws ecs update-service --cluster "$cluster" --service "$service" --task-definition "$after" >/dev/null
if ! aws ecs wait services-stable --cluster "$cluster" --services "$service"; then
  echo "Not stable in time: going back to $before" >&2
  aws ecs update-service --cluster "$cluster" --service "$service" --task-definition "$before" >/dev/null
  exit 1
fi
if [[ $(current) != "$after" ]]; then
  echo "ECS went back to $(current): the new copies did not become ready, or answers failed." >&2
  exit 1
fi

# What the next update of the stack starts with.
aws ssm put-parameter --name /mist/image --type String --overwrite --value "$image" >/dev/null
echo "In service: $image"
