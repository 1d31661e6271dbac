// Shop is a program as users have them, with patterns that race and their mended twins: POST /PATTERN/MODE?c=CLIENT. It knows nothing
// of lastseat. DATABASE_URL says where its database is, PORT where it listens.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
)

// body is what is answered.
type body = map[string]any

// refusal is a right answer that is no success.
type refusal struct{ status int }

func (r refusal) Error() string { return "refused" }

func main() {
	s, err := open(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	if len(os.Args) > 1 { // one request, as a command
		os.Exit(s.once(os.Args[1]))
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), s))
}

// once answers one request: its exit code is 0, 3 for a refusal, and 1 for an error.
func (s *shop) once(path string) (code int) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, http.NoBody))
	fmt.Print(w.Body.String())
	return map[int]int{2: 0, 4: 3, 5: 1}[w.Code/100]
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	if len(parts) < 3 {
		fmt.Fprintln(w, "a shop")
		return
	}
	body, err := s.do(r.Context(), parts[1], parts[2], r.URL.Query().Get("c"))
	var refused refusal
	status := http.StatusOK
	switch {
	case errors.As(err, &refused):
		status = refused.status
	case err != nil:
		status, body = http.StatusInternalServerError, map[string]any{"error": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// pattern is what a client does in a transaction; whole, what it does in transactions of its own making.
type (
	pattern func(s *shop, ctx context.Context, t tx, mode, c string) (body, error)
	whole   func(s *shop, ctx context.Context, mode, c string) (body, error)
)

var patterns = func() map[string]pattern {
	all := map[string]pattern{}
	for _, some := range []map[string]pattern{stock, money, keys, queues, typed, rows} {
		maps.Copy(all, some)
	}
	return all
}()

var mutex sync.Mutex

// do carries out a pattern in a mode: whose name begins with serializable asks for that level, one that ends in -once does not try again,
// and split is without a transaction.
func (s *shop) do(ctx context.Context, name, mode, c string) (b body, err error) {
	f, ok := patterns[name]
	for _, some := range []map[string]whole{wholes, halves} {
		if w, is := some[name]; is {
			return w(s, ctx, mode, c)
		}
	}
	if !ok {
		return nil, refusal{404}
	}
	switch mode {
	case "mutex": // of this process alone
		mutex.Lock()
		defer mutex.Unlock()
		return f(s, ctx, s.db, mode, c)
	case "split":
		return f(s, ctx, s.db, mode, c)
	}
	return s.retried(ctx, mode, func(t tx) (body, error) { return f(s, ctx, t, mode, c) })
}
