// Package picture turns what people upload into pictures that are safe and quick to show: decoded, turned upright, made smaller and
// encoded anew, so that nothing of the file that was sent is ever served.
package picture

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	_ "image/png" // is decoded

	"github.com/disintegration/imaging"
	_ "golang.org/x/image/webp" // is decoded
	"golang.org/x/sync/semaphore"

	"runrun/domain"
)

// Bounds of a picture.
const (
	MaxBytes  = 5 << 20
	maxPixels = 24_000_000 // decoded, turned and laid on white: some 400 MB at most
	quality   = 85
)

// Size is the most that a picture may have after it was made smaller.
type Size struct{ Width, Height int }

// Sizes of the pictures that a shop shows.
var (
	Thumbnail   = Size{800, 800}
	Description = Size{1200, 12000} // Korean shops say it in one long picture
)

// Studio makes pictures, one after another: a picture costs a core for a moment, and orders come first.
type Studio struct{ busy *semaphore.Weighted }

// NewStudio returns a Studio.
func NewStudio() *Studio { return &Studio{semaphore.NewWeighted(1)} }

// Make returns an uploaded picture as a JPEG of at most the size.
// Errors: Validation if it is no JPEG, PNG or WebP, cannot be decoded, or has too many pixels; Overloaded.
func (s *Studio) Make(ctx context.Context, upload []byte, most Size) ([]byte, error) {
	head, format, err := image.DecodeConfig(bytes.NewReader(upload))
	if err != nil || format != "jpeg" && format != "png" && format != "webp" {
		return nil, domain.Wrap(domain.CodeValidation, err, "this is no picture: JPEG, PNG and WebP are")
	}
	if head.Width*head.Height > maxPixels || head.Width < 1 || head.Height < 1 {
		return nil, domain.Errorf(domain.CodeValidation, "the picture has %d × %d pixels, more than %d million", head.Width,
			head.Height, maxPixels/1_000_000)
	}
	if err := s.busy.Acquire(ctx, 1); err != nil {
		return nil, domain.Wrap(domain.CodeOverloaded, err, "too many pictures are being made; try again in a moment")
	}
	defer s.busy.Release(1)
	picture, err := imaging.Decode(bytes.NewReader(upload), imaging.AutoOrientation(true))
	if err != nil {
		return nil, domain.Wrap(domain.CodeValidation, err, "the picture cannot be read")
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, onWhite(imaging.Fit(picture, most.Width, most.Height, imaging.CatmullRom)),
		&jpeg.Options{Quality: quality}); err != nil {
		return nil, domain.Wrap(domain.CodeValidation, err, "the picture cannot be written")
	}
	return out.Bytes(), nil
}

// onWhite lays a picture on white: a JPEG has no transparency.
func onWhite(picture image.Image) image.Image {
	page := image.NewRGBA(picture.Bounds())
	draw.Draw(page, page.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(page, page.Bounds(), picture, picture.Bounds().Min, draw.Over)
	return page
}
