package rest

import (
	"errors"
	"fmt"

	"github.com/danielgtaylor/huma/v2"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// duplicateKey begins the message of a body that names a key twice. Two readers may take different values of it, so none does.
const duplicateKey = "the key is named twice: "

// strictJSON reads bodies case-sensitively and refuses duplicate keys and invalid UTF-8: what the validator has seen is what the
// handler gets. encoding/json would take {"quantity":1,"Quantity":5} for 5.
func strictJSON() huma.Format {
	return huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshalStrictly}
}

func unmarshalStrictly(data []byte, into any) error {
	err := jsonv2.Unmarshal(data, into)
	var syntax *jsontext.SyntacticError
	var value *jsonv2.SemanticError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return errors.New(duplicateKey + string(syntax.JSONPointer))
	case errors.As(err, &syntax):
		return fmt.Errorf("not valid JSON at byte %d", syntax.ByteOffset)
	case errors.As(err, &value):
		return fmt.Errorf("%s is not a value of its type, or too large", value.JSONPointer)
	}
	return errors.New("not valid JSON")
}
