{{- define "ferry.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}
{{- define "ferry.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- /* A pod that ends with this code: by its command where containers run, by annotation where they are simulated. */ -}}
{{- define "ferry.ending" -}}
restartPolicy: Never
containers:
  - { name: main, image: busybox:1.37, command: [sh, -c, exit {{ . }}] }
{{- end -}}
{{- define "ferry.simulated" -}}
simulated.wherry.dev/exit-after: 0s
simulated.wherry.dev/exit-code: {{ . | quote }}
{{- end -}}
