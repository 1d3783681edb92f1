package system

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"

	"runrun/domain"
	"runrun/domain/blob"
	"runrun/domain/ids"
	"runrun/domain/store"
)

// pictureSide is how wide and high the pictures of the demo are.
const pictureSide = 480

// seedPictures gives the demo's products and their brand pictures: a jar in a color of its own for each.
func seedPictures(ctx context.Context, s *store.Store, images *blob.Images) error {
	keep := func(shade color.RGBA) (domain.ImageID, error) {
		id := ids.New[domain.ImageID](domain.ImagePrefix)
		picture, err := drawJar(shade)
		if err != nil {
			return "", err
		}
		return id, images.Put(ctx, id, picture)
	}
	for product, shade := range map[domain.ProductID]color.RGBA{
		"prd_demo-1-sold-out": {214, 208, 196, 255}, "prd_demo-2-drop": {238, 236, 228, 255}, "prd_demo-3-scarf": {176, 58, 72, 255},
		"prd_demo-4-tea": {108, 140, 86, 255}, "prd_demo-5-sneaker": {60, 84, 140, 255},
	} {
		id, err := keep(shade)
		if err != nil {
			return err
		}
		if _, err := s.SetProductImage(ctx, product, true, id); err != nil {
			return err
		}
	}
	id, err := keep(color.RGBA{90, 90, 96, 255})
	if err != nil {
		return err
	}
	_, err = s.SetBrandImage(ctx, DemoBrand, id)
	return err
}

// drawJar draws a round jar, lit from above, on a wall.
func drawJar(shade color.RGBA) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, pictureSide, pictureSide))
	const middle, radius = pictureSide / 2, pictureSide / 3
	for y := range pictureSide {
		for x := range pictureSide {
			wall := uint8(150 + 60*(pictureSide-y)/pictureSide)
			pixel := color.RGBA{wall, wall, wall - 6, 255}
			if dx, dy := x-middle, y-middle-20; dx*dx+dy*dy < radius*radius {
				light := 100 - 25*(dx+dy)/radius // percent of the shade, less towards the lower right
				pixel = color.RGBA{lit(shade.R, light), lit(shade.G, light), lit(shade.B, light), 255}
			}
			img.SetRGBA(x, y, pixel)
		}
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 85})
	return out.Bytes(), err
}

func lit(value uint8, percent int) uint8 {
	return uint8(min(255, max(0, int(value)*percent/100)))
}
