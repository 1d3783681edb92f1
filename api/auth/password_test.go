package auth

import "testing"

func TestPasswords(t *testing.T) {
	hash := HashPassword("Runrun-2024!")
	if !SamePassword(hash, "Runrun-2024!") || SamePassword(hash, "runrun-2024!") || hash == HashPassword("Runrun-2024!") {
		t.Error("hash and password do not belong together, or the salt is missing")
	}
	for _, bad := range []string{
		"", "plain", "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=1,t=0,p=1$AAAA$AAAA",
		"$argon2i$v=19$m=1,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=8,t=1,p=1$AAAA$",
	} {
		if SamePassword(bad, "") {
			t.Errorf("the hash %q was accepted", bad)
		}
	}
}
