package rest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/picture"
	"runrun/domain"
	"runrun/domain/ids"
)

type brandImageInput struct {
	ID      domain.BrandID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
	RawBody []byte         `contentType:"image/*"`
}

type productImageInput struct {
	ID      domain.ProductID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
	Kind    string           `path:"kind" enum:"thumbnail,description"`
	RawBody []byte           `contentType:"image/*"`
}

type imageInput struct {
	Name string `path:"name" maxLength:"80" pattern:"^img_[a-z0-9]+\\.jpg$" patternDescription:"the name of an image"`
}

// images are the routes by which pictures are shown.
type images struct{ images Images }

func (i images) routes(api huma.API) {
	register(api, huma.Operation{
		OperationID: "getImage", Method: http.MethodGet, Path: "/v1/images/{name}", Tags: []string{"products"}, Summary: "Show an image",
		Description: "A JPEG that never changes: another picture has another name.",
		Errors:      []int{http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
		Responses: map[string]*huma.Response{"200": {Description: "The image", Content: map[string]*huma.MediaType{
			"image/jpeg": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}}},
	}, i.show)
}

// imagePath is where an image is shown; empty for none.
func imagePath(id domain.ImageID) string {
	if id == "" {
		return ""
	}
	return "/v1/images/" + string(id) + ".jpg"
}

func (i images) show(ctx context.Context, in *imageInput) (*huma.StreamResponse, error) {
	file, err := i.images.Get(ctx, domain.ImageID(strings.TrimSuffix(in.Name, ".jpg")))
	if err != nil {
		return nil, problemOf(ctx, err)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer func() { _ = file.Close() }()
		hctx.SetHeader("Content-Type", "image/jpeg")
		hctx.SetHeader("Cache-Control", "public, max-age=31536000, immutable")
		if _, err := io.Copy(hctx.BodyWriter(), file); err != nil {
			slog.DebugContext(ctx, "image not sent", "image", in.Name, "error", err)
		}
	}}, nil
}

func (b brands) imageRoutes(api huma.API) {
	handle(api, huma.Operation{
		OperationID: "setBrandImage", Method: http.MethodPut, Path: "/v1/brands/{id}/image", Tags: []string{"products"},
		Summary: "Give a brand an image", MaxBodyBytes: picture.MaxBytes,
		Description: "For its seller. JPEG, PNG or WebP, at most 5 MiB and 24 million pixels; kept as a JPEG of at most 800 × 800.",
	}, b.setImage)
}

func (b brands) setImage(ctx context.Context, in *brandImageInput) (*output[brandDetail], error) {
	brand, err := b.ownBrand(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	brand.Image, err = b.keepImage(ctx, in.RawBody, picture.Thumbnail, func(id domain.ImageID) (domain.ImageID, error) {
		return b.Catalog.SetBrandImage(ctx, in.ID, id)
	})
	return &output[brandDetail]{Body: brandDetailOf(brand)}, err
}

func (p products) imageRoutes(api huma.API) {
	handle(api, huma.Operation{
		OperationID: "setProductImage", Method: http.MethodPut, Path: "/v1/products/{id}/images/{kind}", Tags: []string{"products"},
		Summary: "Give a product an image", MaxBodyBytes: picture.MaxBytes,
		Description: "For the seller of its brand. JPEG, PNG or WebP, at most 5 MiB and 24 million pixels; kept as a JPEG of at most " +
			"800 × 800, the description 1200 × 12000.",
	}, p.setImage)
}

func (p products) setImage(ctx context.Context, in *productImageInput) (*output[productBody], error) {
	if err := p.checkProduct(ctx, in.ID); err != nil {
		return nil, err
	}
	thumbnail, size := in.Kind == "thumbnail", picture.Description
	if thumbnail {
		size = picture.Thumbnail
	}
	_, err := p.keepImage(ctx, in.RawBody, size, func(id domain.ImageID) (domain.ImageID, error) {
		return p.Catalog.SetProductImage(ctx, in.ID, thumbnail, id)
	})
	if err != nil {
		return nil, err
	}
	p.edited(ctx, p.caches.Offers, in.ID)
	body, err := p.fresh(ctx, in.ID)
	return &output[productBody]{Body: body}, err
}

// keepImage makes a picture of an upload, keeps it under a new id, and lets name put that id in the place of an old one, whose file is
// removed. If the process dies between the two, a file is left that nothing names.
func (s Seller) keepImage(
	ctx context.Context, upload []byte, most picture.Size, name func(domain.ImageID) (old domain.ImageID, err error),
) (domain.ImageID, error) {
	jpeg, err := s.Studio.Make(ctx, upload, most)
	if err != nil {
		return "", err
	}
	id := ids.New[domain.ImageID](domain.ImagePrefix)
	if err := s.Images.Put(ctx, id, jpeg); err != nil {
		return "", err
	}
	unused, err := name(id)
	switch {
	case domain.MayBeWritten(err): // either may be named now: both stay
		unused = ""
	case err != nil:
		unused = id
	}
	if unused != "" {
		if err := s.Images.Delete(context.WithoutCancel(ctx), unused); err != nil {
			slog.WarnContext(ctx, "image that nothing names is left", "image", unused, "error", err)
		}
	}
	return id, err
}
