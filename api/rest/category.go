package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/cache"
	"runrun/domain"
)

type categoryStep struct {
	ID     domain.CategoryID `json:"id" example:"cat_sneakers"`
	Name   string            `json:"name" example:"Sneakers"`
	NameKo string            `json:"nameKo" example:"스니커즈"`
}

func stepsOf(path []domain.Category) []categoryStep {
	steps := make([]categoryStep, len(path))
	for i, c := range path {
		steps[i] = categoryStep{ID: c.ID, Name: c.Name, NameKo: c.NameKo}
	}
	return steps
}

type categoryBody struct {
	ID       domain.CategoryID `json:"id" example:"cat_sneakers"`
	Name     string            `json:"name" example:"Sneakers"`
	NameKo   string            `json:"nameKo" example:"스니커즈"`
	ParentID domain.CategoryID `json:"parentId,omitempty" doc:"Absent for the roots." example:"cat_shoes"`
	Path     []categoryStep    `json:"path" nullable:"false" doc:"The category and all above it, from the root."`
}

type categoryList struct {
	Items []categoryBody `json:"items" nullable:"false"`
}

// categories are the routes of categories.
type categories struct{ tree *cache.Categories }

func (c categories) routes(api huma.API) {
	handle(api, huma.Operation{
		OperationID: "listCategories", Method: http.MethodGet, Path: "/v1/categories", Tags: []string{"products"},
		Summary: "List the tree of categories", Description: "Each with its parent and its path.",
	}, c.list)
}

func (c categories) list(ctx context.Context, _ *struct{}) (*output[categoryList], error) {
	tree, err := c.tree.Get(ctx)
	if err != nil {
		return nil, err
	}
	list := categoryList{Items: make([]categoryBody, len(tree))}
	for i, one := range tree {
		list.Items[i] = categoryBody{ID: one.ID, Name: one.Name, NameKo: one.NameKo, ParentID: one.Parent, Path: stepsOf(tree.Path(one.ID))}
	}
	return &output[categoryList]{Body: list}, nil
}
