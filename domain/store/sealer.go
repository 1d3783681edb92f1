package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"runrun/domain"
)

// DevelopmentDataKey encrypts personal data where DATA_KEY is not set. It is public, and refused outside development.
const DevelopmentDataKey = "1:cnVucnVuLWRldmVsb3BtZW50LWRhdGEta2V5LTAwMDE="

// sealer encrypts personal data with AES-256-GCM. A sealed value is one byte of key version, the nonce and the ciphertext;
// the place it is kept in is authenticated with it, so that a value cannot be moved to another row. It is safe for
// concurrent use: cipher.AEAD keeps no state.
type sealer struct {
	byVersion map[byte]cipher.AEAD
	newest    byte
	// indexKey hashes what must be found again, such as an e-mail address. It derives from the oldest key and must outlive
	// rotations.
	indexKey []byte
}

func newSealer(keys string) (*sealer, error) {
	s := &sealer{byVersion: map[byte]cipher.AEAD{}}
	for part := range strings.SplitSeq(keys, ",") {
		version, encoded, _ := strings.Cut(part, ":")
		number, err := strconv.ParseUint(version, 10, 8)
		key, decodeErr := base64.StdEncoding.DecodeString(encoded)
		if err != nil || decodeErr != nil || len(key) != 32 {
			return nil, domain.Errorf(domain.CodeValidation, "data-key: want VERSION:BASE64[,…] with versions 0–255 and 32 bytes each")
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		s.newest = byte(number)
		s.byVersion[s.newest] = aead
		if s.indexKey == nil {
			if s.indexKey, err = hkdf.Key(sha256.New, key, nil, "runrun e-mail index", 32); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// seal encrypts text for the given place.
func (s *sealer) seal(place, text string) []byte {
	aead := s.byVersion[s.newest]
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails: crypto/rand ends the program instead
	sealed := append([]byte{s.newest}, nonce...)
	return aead.Seal(sealed, nonce, []byte(text), []byte(place))
}

// open decrypts what seal made for the same place.
// Errors: Internal if the value was tampered with or its key is not known.
func (s *sealer) open(place string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	aead := s.byVersion[sealed[0]]
	if aead == nil || len(sealed) < 1+aead.NonceSize() {
		return "", domain.Errorf(domain.CodeInternal, "a sealed value of %s has no known key", place)
	}
	text, err := aead.Open(nil, sealed[1:1+aead.NonceSize()], sealed[1+aead.NonceSize():], []byte(place))
	if err != nil {
		return "", domain.Wrap(domain.CodeInternal, err, "a sealed value of "+place+" cannot be opened")
	}
	return string(text), nil
}

// Digest is a keyed hash of a text for one purpose: of personal data even a digest tells something, unless it has a key.
func (s *Store) Digest(purpose, text string) string {
	mac := hmac.New(sha256.New, s.sealer.indexKey)
	mac.Write([]byte(purpose + "\x00" + text))
	return hex.EncodeToString(mac.Sum(nil))
}

// index is the keyed hash under which a value can be looked up without being readable.
func (s *sealer) index(value string) string {
	mac := hmac.New(sha256.New, s.indexKey)
	mac.Write([]byte(strings.ToLower(strings.TrimSpace(value))))
	return hex.EncodeToString(mac.Sum(nil))
}
