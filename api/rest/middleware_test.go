package rest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gin-gonic/gin"

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
