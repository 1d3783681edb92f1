package pool

import (
	"runrun/domain/ops"
	"runrun/domain/redis"
)

// observe shows operators what the connections of this process do.
func (p *Pool) observe() error {
	p.unobserve = append(p.unobserve, ops.ObserveDatabase("worker", p.store.DB()))
	for name, client := range map[string]redis.Client{"worker": p.redis, "worker gate": p.gateRedis} {
		stop, err := redis.Observe(name, client)
		if err != nil {
			return err
		}
		p.unobserve = append(p.unobserve, stop)
	}
	return nil
}
