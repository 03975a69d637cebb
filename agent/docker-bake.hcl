# Builds the agent's image for amd64 and arm64. From the root of the repository:
#   docker buildx bake --file agent/docker-bake.hcl --set agent.tags=REGISTRY/ingress-slo-agent:0.1.0 --push
# The base is pinned by its index digest, so that a version is built twice alike. `docker buildx imagetools inspect
# python:3.13-slim` shows the newest one; agent/Dockerfile has the same.

variable "PYTHON_IMAGE" {
  default = "python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b"
}

group "default" {
  targets = ["agent"]
}

target "agent" {
  context    = "."
  dockerfile = "agent/Dockerfile"
  args       = { PYTHON_IMAGE = PYTHON_IMAGE }
  platforms  = ["linux/amd64", "linux/arm64"]
  tags       = ["ghcr.io/ingress-slo/ingress-slo-agent:0.1.0"]
  attest     = ["type=provenance,mode=max", "type=sbom"]
}
