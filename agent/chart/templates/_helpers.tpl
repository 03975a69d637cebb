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

{{- /* Traefik's pods for the network policy: all pods of its namespaces if the selector is not of the form `a=b,c=d`. */ -}}
{{- define "agent.traefikPods" -}}
{{- if .Values.traefik.namespace }}
- namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: In
        values:
          {{- range splitList "," .Values.traefik.namespace }}
          - {{ . }}
          {{- end }}
{{- else }}
- namespaceSelector: {}
{{- end }}
{{- if regexMatch "^[^=!,() ]+=[^=!,() ]+(,[^=!,() ]+=[^=!,() ]+)*$" .Values.traefik.selector }}
  podSelector:
    matchLabels:
      {{- range splitList "," .Values.traefik.selector }}
      {{ splitList "=" . | first }}: {{ splitList "=" . | last | quote }}
      {{- end }}
{{- end }}
{{- end }}
