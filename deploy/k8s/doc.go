// Package k8s holds the tests of the manifests. There is no cluster in CI; what can be known without one is: each overlay builds, each
// object is valid by the schemas of Kubernetes, KEDA and the Prometheus operator, and what the objects say of each other holds. The module
// is one of its own, for Kubernetes' libraries bring many others.
package k8s
