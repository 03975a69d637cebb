# Builds the agent's image for amd64 and arm64. From the root of the repository:
#   docker buildx bake --file agent/docker-bake.hcl --set agent.tags=REGISTRY/ingress-slo-agent:0.1.0 --push
# To pin the base image, use its index digest (`docker buildx imagetools inspect python:3.13-slim`):
#   PYTHON_IMAGE=python:3.13-slim@sha256:... docker buildx bake ...

variable "PYTHON_IMAGE" {
  default = "python:3.13-slim"
}

group "default" {
  targets = ["agent"]
}

target "agent" {
  context    = "."
  dockerfile = "agent/Dockerfile"
  args       = { PYTHON_IMAGE = PYTHON_IMAGE }
  platforms  = ["linux/amd64", "linux/arm64"]
  tags       = ["ingress-slo-agent:0.1.0"]
  attest     = ["type=provenance,mode=max", "type=sbom"]
}
