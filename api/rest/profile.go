package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/domain"
)

type accountBody struct {
	ID        domain.UserID `json:"id"`
	Email     string        `json:"email" example:"minji@example.com"`
	Name      string        `json:"name" example:"Kim Minji"`
	Phone     string        `json:"phone" example:"010-1234-5678"`
	Role      domain.Role   `json:"role" enum:"CUSTOMER,SELLER,STAFF"`
	CreatedAt time.Time     `json:"createdAt"`
}

func accountBodyOf(u domain.User) accountBody {
	return accountBody{ID: u.ID, Email: u.Email, Name: u.Name, Phone: u.Phone, Role: u.Role, CreatedAt: u.CreatedAt}
}

type profileInput struct {
	Body struct {
		Name  *string `json:"name,omitempty" maxLength:"200" doc:"2–30 characters; absent leaves it." example:"Kim Minji"`
		Phone *string `json:"phone,omitempty" maxLength:"20" doc:"A Korean number with dashes; absent leaves it." example:"010-1234-5678"`
	}
}

type passwordInput struct {
	Token string `cookie:"refresh" maxLength:"2000" doc:"The refresh token: its session stays."`
	Body  struct {
		Current string `json:"currentPassword" minLength:"1" maxLength:"200"`
		New     string `json:"newPassword" maxLength:"200" doc:"8–128 characters with a capital and a small letter, a digit and a sign." example:"Runrun-2025!"`
	}
}

type erasureInput struct {
	Body struct {
		Password string `json:"password" minLength:"1" maxLength:"200"`
	}
}

func (a accounts) profileRoutes(api huma.API) {
	tags := []string{"accounts"}
	handle(api, huma.Operation{
		OperationID: "getProfile", Method: http.MethodGet, Path: "/v1/users/me", Tags: tags, Summary: "Show my account",
		Errors: []int{http.StatusNotFound},
	}, a.profile)
	handle(api, huma.Operation{
		OperationID: "changeProfile", Method: http.MethodPatch, Path: "/v1/users/me", Tags: tags, Summary: "Change my name or phone",
		Errors: []int{http.StatusNotFound},
	}, a.changeProfile)
	handle(api, huma.Operation{
		OperationID: "changePassword", Method: http.MethodPut, Path: "/v1/users/me/password", Tags: tags,
		DefaultStatus: http.StatusNoContent, Summary: "Change my password", Errors: []int{http.StatusNotFound, http.StatusTooManyRequests},
		Description: "Ends the sessions of all other devices. 401 LOGIN_FAILED if the current password is wrong; failures count as logins.",
	}, a.changePassword)
	handle(api, huma.Operation{
		OperationID: "eraseAccount", Method: http.MethodPost, Path: "/v1/users/me/erasure", Tags: tags,
		DefaultStatus: http.StatusNoContent, Summary: "Erase my account",
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests},
		Description: "Its personal data is gone, and cannot come back; its orders stay without it. 401 LOGIN_FAILED if the password is wrong. " +
			"409 ORDER_STATE while an order has not ended; 409 CONFLICT while the account sells products.",
	}, a.erase)
}

func (a accounts) profile(ctx context.Context, _ *struct{}) (*output[accountBody], error) {
	user, err := a.Rows.UserByID(ctx, callerOf(ctx).ID)
	return &output[accountBody]{Body: accountBodyOf(user)}, err
}

func (a accounts) changeProfile(ctx context.Context, in *profileInput) (*output[accountBody], error) {
	err := a.Rows.ChangeProfile(ctx, callerOf(ctx).ID, domain.ProfileChange{Name: normalizedOr(in.Body.Name),
		Phone: normalizedOr(in.Body.Phone)})
	if err != nil {
		return nil, err
	}
	return a.profile(ctx, nil)
}

// normalizedOr normalizes a text that may be absent.
func normalizedOr(text *string) *string {
	if text == nil {
		return nil
	}
	same := normalized(*text)
	return &same
}

func (a accounts) changePassword(ctx context.Context, in *passwordInput) (*struct{}, error) {
	if err := domain.ValidatePassword("/newPassword", in.Body.New); err != nil {
		return nil, err
	}
	user, err := a.confirm(ctx, in.Body.Current)
	if err != nil {
		return nil, err
	}
	hash, err := a.Logins.Hash(ctx, in.Body.New)
	if err != nil {
		return nil, err
	}
	keep, err := a.Sessions.Of(ctx, user.ID, in.Token)
	if err != nil {
		return nil, err
	}
	return nil, a.Rows.SetPassword(ctx, user.ID, hash, keep)
}

// confirm makes sure that the caller knows the password of the account, and does not only hold a token of it.
// Errors: LoginFailed, TooManyRequests, NotFound.
func (a accounts) confirm(ctx context.Context, password string) (domain.User, error) {
	user, err := a.Rows.UserByID(ctx, callerOf(ctx).ID)
	if err != nil {
		return domain.User{}, err
	}
	return a.checkPassword(ctx, user.Email, password)
}

func (a accounts) erase(ctx context.Context, in *erasureInput) (*struct{}, error) {
	user, err := a.confirm(ctx, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return nil, a.Rows.EraseUser(ctx, user.ID)
}
