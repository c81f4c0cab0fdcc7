{{- define "wordpress-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 53 | trimSuffix "-" }}
{{- end }}

{{/* The release's name, with the chart's unless it says so already. */}}
{{- define "wordpress-operator.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 53 | trimSuffix "-" }}
{{- else }}
{{- $name := include "wordpress-operator.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 53 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 53 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/* Names of what no namespace holds: two releases of one name in two namespaces must not meet. */}}
{{- define "wordpress-operator.clustername" -}}
{{- printf "%s-%s" .Release.Namespace (include "wordpress-operator.fullname" .) }}
{{- end }}

{{- define "wordpress-operator.selector" -}}
app.kubernetes.io/name: {{ include "wordpress-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "wordpress-operator.labels" -}}
{{ include "wordpress-operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "wordpress-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "wordpress-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "wordpress-operator.image" -}}
{{- with .Values.image }}
{{- if .digest }}
{{- printf "%s@%s" .repository .digest }}
{{- else }}
{{- printf "%s:%s" .repository (default $.Chart.AppVersion .tag) }}
{{- end }}
{{- end }}
{{- end }}

{{/* What the operator does to objects in the namespaces it works in. It never writes to a spec: of the object itself it
     writes the finalizer and one annotation. */}}
{{- define "wordpress-operator.rules" -}}
- apiGroups: [wordpresscluster.dev]
  resources: [wordpressclusters]
  verbs: [get, list, watch, patch]
- apiGroups: [wordpresscluster.dev]
  resources: [wordpressclusters/status]
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- define "wordpress-operator.subjects" -}}
- kind: ServiceAccount
  name: {{ include "wordpress-operator.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}
