package redis

import (
	"embed"

	"github.com/redis/go-redis/v9"
)

//go:embed lua
var luaFiles embed.FS

// The gate's scripts. Each script that changes a gate first checks that the gate is seeded. Otherwise, after Redis restarted
// empty, it would create a gate with some fields only, which can be neither seeded nor used.
var (
	enter        = script("gate_enter")
	seed         = script("gate_seed")
	add          = script("gate_add")
	configure    = script("gate_configure")
	confirm      = script("gate_confirm")
	giveBack     = script("gate_give_back")
	snapshot     = script("gate_snapshot")
	correct      = script("gate_correct")
	correctOwned = script("gate_correct_owned")
)

func script(name string) *redis.Script {
	text, err := luaFiles.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err) // the file is embedded
	}
	return redis.NewScript(string(text))
}
