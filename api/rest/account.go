package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/auth"
	"runrun/domain"
)

// Accounts is what accounts are made of.
type Accounts struct {
	Tokens   *auth.Tokens
	Logins   *auth.Logins
	Sessions *auth.Sessions
	Emails   *auth.Emails
	Rows     AccountRows
}

type emailInput struct {
	Body struct {
		Email string `json:"email" format:"email" maxLength:"254" doc:"In any case of letters." example:"minji@example.com"`
	}
}

type verifyInput struct {
	Body struct {
		Email string `json:"email" format:"email" maxLength:"254" example:"minji@example.com"`
		Code  string `json:"code" minLength:"1" maxLength:"20" doc:"Six digits, from the mail." example:"204816"`
	}
}

type signUpInput struct {
	Body struct {
		Email    string      `json:"email" format:"email" maxLength:"254" doc:"Verified a moment ago." example:"minji@example.com"`
		Password string      `json:"password" maxLength:"200" doc:"8–128 characters with a capital and a small letter, a digit and a sign." example:"Runrun-2024!"`
		Name     string      `json:"name" maxLength:"200" doc:"2–30 characters." example:"Kim Minji"`
		Phone    string      `json:"phone" maxLength:"20" doc:"A Korean number with dashes." example:"010-1234-5678"`
		Role     domain.Role `json:"role" enum:"CUSTOMER,SELLER"`
		ZipCode  string      `json:"zipCode" maxLength:"10" doc:"Five digits." example:"04524"`
		Address  string      `json:"address" maxLength:"500" doc:"8–100 characters. It becomes the first address of the account." example:"110 Sejong-daero, Seoul"`
	}
}

type accountOutput struct {
	Location string `header:"Location"`
	Body     accountBody
}

// accounts are the routes by which people come in.
type accounts struct {
	Accounts
}

func (a accounts) routes(api huma.API) {
	tags := []string{"accounts"}
	handle(api, huma.Operation{
		OperationID: "startEmailAuth", Method: http.MethodPost, Path: "/v1/users/email-auths", Tags: tags, DefaultStatus: http.StatusAccepted,
		Summary: "Mail a code to an e-mail address", Errors: []int{http.StatusTooManyRequests},
		Description: "Always the same answer, whether or not the address has an account; one that has gets a mail that says so. A new code " +
			"replaces the one before. 429 TOO_MANY_REQUESTS after too many.",
	}, a.startEmail)
	handle(api, huma.Operation{
		OperationID: "verifyEmail", Method: http.MethodPost, Path: "/v1/users/email-auths/verify", Tags: tags,
		DefaultStatus: http.StatusNoContent, Summary: "Verify an e-mail address by the code that was mailed to it",
		Description: "A code serves once, within 30 minutes, and for five tries. 422 VERIFICATION_FAILED otherwise, whatever is wrong.",
	}, a.verifyEmail)
	handle(api, huma.Operation{
		OperationID: "signUp", Method: http.MethodPost, Path: "/v1/users/signup", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Make an account", Errors: []int{http.StatusConflict, http.StatusTooManyRequests},
		Description: "Within 30 minutes after its e-mail address was verified. 409 EMAIL_NOT_VERIFIED otherwise, also for an address that has " +
			"an account.",
	}, a.signUp)
	a.sessionRoutes(api)
	a.profileRoutes(api)
}

// startEmail mails a code.
func (a accounts) startEmail(ctx context.Context, in *emailInput) (*struct{}, error) {
	return nil, a.Emails.Start(ctx, in.Body.Email, addressOf(ctx), func(v domain.RateVerdict) { showRate(headersOf(ctx), v) })
}

func (a accounts) verifyEmail(ctx context.Context, in *verifyInput) (*struct{}, error) {
	return nil, a.Emails.Verify(ctx, in.Body.Email, normalized(in.Body.Code))
}

func (a accounts) signUp(ctx context.Context, in *signUpInput) (*accountOutput, error) {
	user, err := a.Emails.SignUp(ctx, domain.SignUp{
		Email: in.Body.Email, Password: in.Body.Password, Role: in.Body.Role,
		Profile: domain.Profile{Name: normalized(in.Body.Name), Phone: normalized(in.Body.Phone)},
		ZipCode: normalized(in.Body.ZipCode), Address: normalized(in.Body.Address),
	}, addressOf(ctx), func(v domain.RateVerdict) { showRate(headersOf(ctx), v) })
	if err != nil {
		return nil, err
	}
	if user, err = a.Rows.UserByID(ctx, user.ID); err != nil {
		return nil, err
	}
	return &accountOutput{Location: "/v1/users/me", Body: accountBodyOf(user)}, nil
}
