package picture

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"runrun/domain"
)

func encodePNG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func decode(t *testing.T, made []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(made))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestAPictureIsMadeSmallerAndNeverLarger(t *testing.T) {
	for name, c := range map[string]struct{ upload, want image.Point }{
		"wide":  {image.Pt(1600, 400), image.Pt(800, 200)},
		"high":  {image.Pt(100, 1600), image.Pt(50, 800)},
		"small": {image.Pt(30, 20), image.Pt(30, 20)},
	} {
		made, err := NewStudio().Make(t.Context(), encodePNG(t, image.NewRGBA(image.Rectangle{Max: c.upload})), Thumbnail)
		if err != nil {
			t.Fatal(err)
		}
		if got := decode(t, made).Bounds().Size(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Transparent pixels become white, not black.
func TestTransparencyIsWhite(t *testing.T) {
	made, err := NewStudio().Make(t.Context(), encodePNG(t, image.NewRGBA(image.Rect(0, 0, 20, 20))), Thumbnail)
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := decode(t, made).At(10, 10).RGBA(); r < 0xf000 || g < 0xf000 || b < 0xf000 {
		t.Errorf("the middle is %x %x %x", r, g, b)
	}
}

// exif is a segment that says how the camera was held: 6 is a quarter turn to the left.
var exif = []byte{
	0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
}

// A picture of a camera that was held upright is upright, and nothing of what the camera noted is kept.
func TestAPictureIsTurnedUpright(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 40, 20))
	for y := range 20 {
		for x := range 20 {
			img.SetRGBA(x, y, color.RGBA{R: 255, A: 255}) // the left half is red
		}
	}
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, img, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	upload := append(append(append([]byte{}, plain.Bytes()[:2]...), exif...), plain.Bytes()[2:]...)
	made, err := NewStudio().Make(t.Context(), upload, Thumbnail)
	if err != nil {
		t.Fatal(err)
	}
	upright := decode(t, made)
	if size := upright.Bounds().Size(); size != image.Pt(20, 40) {
		t.Fatalf("it has %v", size)
	}
	if r, g, _, _ := upright.At(10, 8).RGBA(); r < 0xe000 || g > 0x2000 {
		t.Errorf("the upper half is %x %x, want red", r, g)
	}
	if bytes.Contains(made, []byte("Exif")) {
		t.Error("what the camera noted is kept")
	}
}

func TestAPictureWaitsForItsTurnAndNoLonger(t *testing.T) {
	s := NewStudio()
	if err := s.busy.Acquire(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Make(ctx, encodePNG(t, image.NewRGBA(image.Rect(0, 0, 2, 2))), Thumbnail)
	if domain.CodeOf(err) != domain.CodeOverloaded {
		t.Errorf("got %v, want OVERLOADED", err)
	}
}
