#!/bin/sh
# Says new secrets for compose.yaml: deploy/env.sh > deploy/.env
set -eu
umask 077
hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }
cat <<ENV
MIST_MASTER_KEY=$(hex 32)
POSTGRES_PASSWORD=$(hex 16)
S3_ACCESS_KEY_ID=GK$(hex 12)
S3_SECRET_ACCESS_KEY=$(hex 32)
GARAGE_RPC_SECRET=$(hex 32)
ENV
