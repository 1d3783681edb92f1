package rest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/semaphore"

	"runrun/api/checkout"
)

// A client that sends its body slowly holds no place at the requests: others order meanwhile, and its body arrives whole.
func TestASlowBodyTakesNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gin.SetMode(gin.ReleaseMode)
		router := gin.New()
		router.Use((&API{requests: checkout.NewRequestQueue(1)}).enterQueue)
		router.POST("/v1/orders", func(c *gin.Context) {
			body, err := io.ReadAll(c.Request.Body)
			if err != nil {
				t.Error(err)
			}
			c.String(http.StatusOK, string(body))
		})
		order := func(body io.Reader) string {
			w := httptest.NewRecorder()
			router.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/orders", body))
			return w.Body.String()
		}
		slow, send := io.Pipe()
		done := make(chan string)
		go func() { done <- order(slow) }()
		_, _ = send.Write([]byte("first half, "))
		synctest.Wait()
		if got := order(strings.NewReader("another")); got != "another" {
			t.Errorf("meanwhile: %q", got)
		}
		_, _ = send.Write([]byte("second half"))
		_ = send.Close()
		if got := <-done; got != "first half, second half" {
			t.Errorf("the slow one: %q", got)
		}
		large := strings.Repeat("x", 2*maxBody)
		if got := order(strings.NewReader(large)); got != large {
			t.Errorf("a large body arrives with %d bytes, for the handler to refuse", len(got))
		}
	})
}

// While as many pictures are uploaded as memory is meant for, the next upload is refused before its body is read;
// everything else is served.
func TestUploadsAreBounded(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	a := &API{uploads: semaphore.NewWeighted(1)}
	router := gin.New()
	router.Use(a.limitUploads)
	router.PUT("/*any", func(c *gin.Context) { c.Status(http.StatusNoContent) })
	put := func(path string) int {
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequest(http.MethodPut, path, nil))
		return w.Code
	}
	const upload = "/v1/products/prd_1/images/thumbnail"
	if got := put(upload); got != http.StatusNoContent {
		t.Errorf("the first: %d", got)
	}
	if !a.uploads.TryAcquire(1) {
		t.Fatal("a finished upload keeps its place")
	}
	for path, want := range map[string]int{
		upload: http.StatusServiceUnavailable, "/v1/brands/brd_1/image": http.StatusServiceUnavailable, "/v1/carts": http.StatusNoContent,
	} {
		if got := put(path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}
