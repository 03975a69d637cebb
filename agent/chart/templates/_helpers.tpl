{{- define "agent.labels" -}}
app.kubernetes.io/name: ingress-slo-agent
app.kubernetes.io/part-of: ingress-slo
app.kubernetes.io/instance: {{ .Values.name }}
{{- end }}

{{- define "agent.chartLabels" -}}
{{ include "agent.labels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "agent.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "agent.selector" -}}
{{- $terms := list -}}
{{- range $name, $value := .Values.traefik.labels -}}
{{- $terms = append $terms (printf "%s=%s" $name $value) -}}
{{- end -}}
{{- join "," $terms -}}
{{- end }}
