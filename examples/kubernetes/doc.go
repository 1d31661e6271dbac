// Package kubernetes holds the manifests that docs/distributed.md speaks of, and checks their fields against the API's own Go types. It is a
// module of its own, so that Kubernetes is no dependency of lastseat's.
package kubernetes
