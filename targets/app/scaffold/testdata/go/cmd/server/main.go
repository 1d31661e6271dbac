package main

import "net/http"

func main() {
	mux.HandleFunc("POST /buy", buy)
	mux.HandleFunc("GET /stock", stock)
	r.POST("/orders/:id", order)
	r.Put("/orders/{id}", order)
	http.HandleFunc("/other", other)
}
