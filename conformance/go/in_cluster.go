// What a program of a pod can do: its credentials come from where every pod finds them. Prints one JSON object.
package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	authentication "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

type outcome struct {
	User    string   `json:"user"`
	Pods    []string `json:"pods"`
	Seen    []string `json:"seen"`
	Refused []string `json:"refused"`
}

func main() {
	config, err := rest.InClusterConfig()
	if err != nil {
		panic(err)
	}
	client := kubernetes.NewForConfigOrDie(config)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	namespace := os.Args[1]
	told := outcome{Pods: []string{}, Seen: []string{}, Refused: []string{}}
	refused := func(err error) bool {
		if err != nil {
			told.Refused = append(told.Refused, string(errors.ReasonForError(err)))
		}
		return err != nil
	}
	review, err := client.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authentication.SelfSubjectReview{}, meta.CreateOptions{})
	if !refused(err) {
		told.User = review.Status.UserInfo.Username
	}
	pods, err := client.CoreV1().Pods(namespace).List(ctx, meta.ListOptions{})
	if !refused(err) {
		for _, pod := range pods.Items {
			told.Pods = append(told.Pods, pod.Name)
		}
		factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
		lister := factory.Core().V1().Pods().Lister()
		factory.StartWithContext(ctx)
		factory.WaitForCacheSyncWithContext(ctx)
		seen, err := lister.Pods(namespace).List(labels.Everything())
		if err != nil {
			panic(err)
		}
		for _, pod := range seen {
			told.Seen = append(told.Seen, pod.Name)
		}
	}
	_, err = client.CoreV1().Secrets(namespace).List(ctx, meta.ListOptions{})
	refused(err)
	if err := json.NewEncoder(os.Stdout).Encode(told); err != nil {
		panic(err)
	}
}
