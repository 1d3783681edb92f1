package domain

import (
	"slices"
	"strings"
)

// OtherCategory is that of products whose seller names none.
const OtherCategory = CategoryID("cat_other")

// Category is a node of the tree by which products are found.
type Category struct {
	ID     CategoryID
	Parent CategoryID // empty for the roots
	// Name is English, NameKo Korean.
	Name, NameKo string
}

// Categories is the whole tree, in the order in which it is shown.
type Categories []Category

// Path returns a category with all above it, from the root; nothing for one that does not exist.
func (c Categories) Path(id CategoryID) (path []Category) {
	for range c { // a tree that bites its tail ends, too
		at := slices.IndexFunc(c, func(one Category) bool { return one.ID == id })
		if at < 0 {
			break
		}
		path = append(path, c[at])
		id = c[at].Parent
	}
	slices.Reverse(path)
	return path
}

// Within returns a category and all below it.
func (c Categories) Within(id CategoryID) []CategoryID {
	found := []CategoryID{id}
	for i := 0; i < len(found); i++ {
		for _, one := range c {
			if one.Parent == found[i] && !slices.Contains(found, one.ID) {
				found = append(found, one.ID)
			}
		}
	}
	return found
}

// Named returns the category with the id, or with the name in either language and any case of letters.
func (c Categories) Named(name string) (Category, bool) {
	at := slices.IndexFunc(c, func(one Category) bool {
		return string(one.ID) == name || strings.EqualFold(one.Name, name) || one.NameKo == name
	})
	if at < 0 {
		return Category{}, false
	}
	return c[at], true
}
