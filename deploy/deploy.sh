#!/usr/bin/env bash
# Deploy everything, or bring what is there up to date: `make deploy`. Its arguments go to
# `terraform apply`. Needed: az (logged in), terraform, kubectl, kubelogin, helm and git.
set -euo pipefail
cd "$(dirname "$0")"

terraform -chdir=terraform init -input=false
terraform -chdir=terraform apply "$@"
output() { terraform -chdir=terraform output -raw "$1"; }
namespace=$(output namespace)
registry=$(output registry)
image=$(output image)

# One tag a commit: it shows what runs, and a run keeps the image that it started with.
tag=$(git describe --always --abbrev=12 --dirty)
for target in cpu gpu sensors service; do
  if [[ $tag == *-dirty ]] || ! az acr repository show --output none \
    --name "$registry" --image "style-pipeline-$target:$tag" 2>/dev/null; then
    az acr build --registry "$registry" --image "style-pipeline-$target:$tag" \
      --file Dockerfile --target "$target" ..
  fi
done

# A kubeconfig of its own, so that no other cluster is ever touched.
KUBECONFIG=$(mktemp)
password=$(mktemp)
rendered=$(mktemp -d)
trap 'rm -rf "$KUBECONFIG" "$password" "$rendered"' EXIT
export KUBECONFIG
az aks get-credentials --resource-group "$(output resource_group)" --name "$(output cluster)" \
  --file "$KUBECONFIG" --overwrite-existing
kubelogin convert-kubeconfig --login azurecli

# Azure takes minutes to believe that who deploys may use the cluster.
timeout 600 bash -c 'until kubectl auth can-i create namespaces; do sleep 10; done'
objects() { output cluster_objects | sed "s/style-pipeline-gpu:TAG/style-pipeline-gpu:$tag/"; }
objects | kubectl apply --filename -

# The database's password is in the cluster alone. To change it, delete the secret and deploy again.
if ! kubectl --namespace "$namespace" get secret dagster-postgresql-secret >/dev/null 2>&1; then
  head -c 36 /dev/urandom | base64 | tr -d '\n' >"$password"
  az postgres flexible-server update --output none --resource-group "$(output resource_group)" \
    --name "$(output database_server)" --admin-password "@$password"
  kubectl --namespace "$namespace" create secret generic dagster-postgresql-secret \
    --from-file=postgresql-password="$password"
fi

helm upgrade --install nvidia-device-plugin nvidia-device-plugin \
  --repo https://nvidia.github.io/k8s-device-plugin --version 0.17.4 \
  --namespace kube-system --values nvidia-device-plugin.yaml
helm upgrade --install dcgm-exporter dcgm-exporter \
  --repo https://nvidia.github.io/dcgm-exporter/helm-charts --version 4.8.1 \
  --namespace kube-system --values nvidia-dcgm-exporter.yaml

# The scoring service, where it is wanted.
apply_service() {
  {
    echo "resources: [$1]"
    if [[ $(output service_gpu) == true ]]; then echo "components: [gpu]"; fi
    echo "images: [{name: style-pipeline-service, newName: $image-service, newTag: $tag}]"
  } >"$rendered/kustomization.yaml"
  kubectl kustomize "$rendered" |
    sed "s|host.invalid|$(output service_host)|; s|digest-of-a-model|$canary|" |
    kubectl --namespace "$namespace" apply --filename -
}
if [[ $(output service) == true ]]; then
  canary=$(output service_canary)
  cp -R service/. "$rendered"
  apply_service everything
  if [[ -n $canary ]]; then
    apply_service canary
  else
    kubectl --namespace "$namespace" delete --ignore-not-found deployment scoring-service-canary
  fi
  if [[ $(output service_monitoring) == true ]]; then
    kubectl --namespace "$namespace" apply --filename service/monitoring.yaml
  fi
fi

# Pods are replaced when their image or their settings are others.
settings=$(objects | cksum | cut -d ' ' -f 1)
code_servers='dagster-user-deployments.deployments'
values=(--set-string "postgresql.postgresqlHost=$(output database_host)")
gpus=$(output chunks_at_a_time)
values+=(--set "concurrency.pools.defaultLimit=$gpus")
values+=(--set "concurrency.runs.tagConcurrencyLimits[0].limit=$gpus")
for pod in dagsterWebserver:cpu dagsterDaemon:cpu "${code_servers}[0]:cpu" \
  "${code_servers}[1]:sensors" "${code_servers}[2]:sensors"; do
  target=${pod#*:} pod=${pod%:*}
  values+=(--set-string "$pod.image.repository=$image-$target,$pod.image.tag=$tag")
  values+=(--set-string "$pod.annotations.settings=$settings")
done
helm upgrade --install dagster dagster \
  --repo https://dagster-io.github.io/helm --version 1.13.27 \
  --namespace "$namespace" --values values.yaml "${values[@]}" \
  --wait --timeout 15m

echo "The UI: kubectl --namespace $namespace port-forward service/dagster-dagster-webserver 3000:8080"
echo "Videos go to: $(output media_account), container media, videos/<style>/"
