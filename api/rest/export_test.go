package rest

import "runrun/domain"

// Rule is a row of the table of who may call what, for tests of the API from outside.
type Rule struct {
	Token, Owned bool
	Roles        []domain.Role
}

// Rules returns the table, by operation id.
func Rules() map[string]Rule {
	all := map[string]Rule{}
	for id, rule := range rules {
		all[id] = Rule{Token: rule.token, Owned: rule.owned, Roles: rule.roles}
	}
	return all
}
