package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"runrun/domain"
	"runrun/domain/ids"
)

type addressBody struct {
	ID domain.AddressID `json:"id"`
	ReceiverBody
	Default bool `json:"default" doc:"Whether it is the one that is taken if an order names none."`
}

func addressBodyOf(a domain.Address) addressBody {
	return addressBody{ID: a.ID, Default: a.Default, ReceiverBody: receiverBodyOf(a.Receiver)}
}

type newAddressInput struct {
	Body struct {
		ReceiverBody
		Default bool `json:"default,omitempty" doc:"Make it the default one; the first is in any case."`
	}
}

type addressInput struct {
	ID domain.AddressID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
}

type changeAddressInput struct {
	ID   domain.AddressID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
	Body ReceiverBody
}

type createdAddress struct {
	Location string `header:"Location"`
	Body     addressBody
}

type addressList struct {
	Items []addressBody `json:"items" nullable:"false"`
}

// addresses are the routes of a caller's addresses.
type addresses struct{ rows AddressRows }

func (a addresses) routes(api huma.API) {
	tags := []string{"accounts"}
	const path = "/v1/users/addresses"
	handle(api, huma.Operation{
		OperationID: "listAddresses", Method: http.MethodGet, Path: path, Tags: tags, Summary: "List my addresses, the default first",
	}, a.list)
	handle(api, huma.Operation{
		OperationID: "addAddress", Method: http.MethodPost, Path: path, Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Add an address", Errors: []int{http.StatusNotFound, http.StatusConflict},
		Description: "409 LIMIT_EXCEEDED beyond 20.",
	}, a.add)
	handle(api, huma.Operation{
		OperationID: "changeAddress", Method: http.MethodPut, Path: path + "/{id}", Tags: tags, Summary: "Change an address",
	}, a.change)
	handle(api, huma.Operation{
		OperationID: "setDefaultAddress", Method: http.MethodPut, Path: path + "/{id}/default", Tags: tags,
		DefaultStatus: http.StatusNoContent, Summary: "Make an address the default one",
	}, a.makeDefault)
	handle(api, huma.Operation{
		OperationID: "deleteAddress", Method: http.MethodDelete, Path: path + "/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Delete an address", Errors: []int{http.StatusConflict},
		Description: "After the default one, the newest is the default. 409 CONFLICT for the only one.",
	}, a.remove)
}

func (a addresses) list(ctx context.Context, _ *struct{}) (*output[addressList], error) {
	rows, err := a.rows.Addresses(ctx, callerOf(ctx).ID)
	list := addressList{Items: []addressBody{}}
	for _, row := range rows {
		list.Items = append(list.Items, addressBodyOf(row))
	}
	return &output[addressList]{Body: list}, err
}

func (a addresses) add(ctx context.Context, in *newAddressInput) (*createdAddress, error) {
	address := domain.Address{
		ID: ids.New[domain.AddressID](domain.AddressPrefix), UserID: callerOf(ctx).ID, Receiver: in.Body.receiver(), Default: in.Body.Default,
	}
	if err := a.rows.AddAddress(ctx, address); err != nil {
		return nil, err
	}
	written, err := a.rows.AddressOf(ctx, address.UserID, address.ID)
	return &createdAddress{Location: "/v1/users/addresses/" + string(address.ID), Body: addressBodyOf(written)}, err
}

func (a addresses) change(ctx context.Context, in *changeAddressInput) (*output[addressBody], error) {
	address := domain.Address{ID: in.ID, UserID: callerOf(ctx).ID, Receiver: in.Body.receiver()}
	if err := a.rows.ChangeAddress(ctx, address); err != nil {
		return nil, err
	}
	written, err := a.rows.AddressOf(ctx, address.UserID, address.ID)
	return &output[addressBody]{Body: addressBodyOf(written)}, err
}

func (a addresses) makeDefault(ctx context.Context, in *addressInput) (*struct{}, error) {
	return nil, a.rows.MakeDefault(ctx, callerOf(ctx).ID, in.ID)
}

func (a addresses) remove(ctx context.Context, in *addressInput) (*struct{}, error) {
	return nil, a.rows.DeleteAddress(ctx, callerOf(ctx).ID, in.ID)
}
