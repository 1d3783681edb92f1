package ops

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
)

// Parse fills cli, a pointer to a struct with kong's tags, from flags, environment and defaults, and validates it. NAME_FILE names a file
// that holds the value of NAME, as secrets are handed to containers. It reports every mistake at once: values of the environment that
// cannot be read, flags, and what Validate of cli finds.
func Parse(cli any, args []string, options ...kong.Option) (*kong.Kong, error) {
	parser, err := kong.New(cli, append(options, kong.Vars{"version": Version()})...)
	if err != nil {
		return nil, err
	}
	errs, forget := readFiles(parser)
	defer forget()
	unreadable, restore := hideUnreadable(parser)
	defer restore()
	errs = append(errs, unreadable...)
	if _, err := parser.Parse(args); err != nil {
		var failed *kong.ParseError
		if errors.As(err, &failed) {
			err = failed.Unwrap()
		}
		errs = append(errs, err)
	}
	return parser, errors.Join(errs...)
}

// readFiles puts the contents of the files that NAME_FILE names into the environment, until forget is called.
func readFiles(parser *kong.Kong) (errs []error, forget func()) {
	var read []string
	for _, flag := range parser.Model.Flags {
		for _, name := range flag.Envs {
			path, set := os.LookupEnv(name + "_FILE")
			if !set {
				continue
			}
			if _, both := os.LookupEnv(name); both {
				errs = append(errs, fmt.Errorf("%s and %s_FILE: one of them", name, name))
				continue
			}
			text, err := os.ReadFile(path) //nolint:gosec // operators name the file
			if err != nil {
				errs = append(errs, fmt.Errorf("%s_FILE: %w", name, err))
				continue
			}
			_ = os.Setenv(name, strings.TrimSpace(string(text)))
			read = append(read, name)
		}
	}
	return errs, func() {
		for _, name := range read {
			_ = os.Unsetenv(name)
		}
	}
}

// hideUnreadable takes the values out of the environment that kong cannot read, since it would stop at the first, and reports them;
// restore puts them back.
func hideUnreadable(parser *kong.Kong) (errs []error, restore func()) {
	hidden := map[string]string{}
	for _, flag := range parser.Model.Flags {
		for _, name := range flag.Envs {
			text, set := os.LookupEnv(name)
			if !set {
				continue
			}
			target := reflect.New(flag.Target.Type()).Elem()
			err := flag.Mapper.Decode(
				&kong.DecodeContext{Value: flag.Value, Scan: kong.ScanFromTokens(kong.Token{Type: kong.FlagValueToken, Value: text})},
				target)
			if err == nil && flag.Enum != "" && !flag.EnumMap()[text] {
				err = fmt.Errorf("must be one of %s", flag.Enum)
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("%s=%q: %w", name, text, err))
				hidden[name] = text
				_ = os.Unsetenv(name)
			}
		}
	}
	return errs, func() {
		for name, text := range hidden {
			_ = os.Setenv(name, text)
		}
	}
}
