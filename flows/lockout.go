package flows

import (
	"runtime"
	"sync"
	"time"
)

// doorkeeper compares PINs and remembers who failed, over all calls of an engine. The zero
// doorkeeper knows of nobody. It is safe for concurrent use.
type doorkeeper struct {
	mu     sync.Mutex
	failed map[string]failures // by caller or person

	once sync.Once
	turn chan struct{} // to compare hashes, which is hard work
}

// failures are those of one caller or person.
type failures struct {
	count int
	since time.Time // the last one that counted
}

// maxFailed bounds the memory: when as many have failed, the oldest is forgotten.
const maxFailed = 10_000

// lock says after how many wrong PINs nobody is let in any more, and for how long.
type lock struct {
	after    int
	duration time.Duration
}

// locked reports whether one of the names has failed too often.
func (k *doorkeeper) locked(now time.Time, l lock, names ...string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range names {
		if f := k.failed[name]; f.count >= l.after && now.Sub(f.since) < l.duration {
			return true
		}
	}
	return false
}

// note counts a wrong PIN, or forgets the earlier ones after a right one. It is not told
// of those who are locked out: going on does not make it longer.
func (k *doorkeeper) note(now time.Time, l lock, right bool, names ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range names {
		if right {
			delete(k.failed, name)
			continue
		}
		f := k.failed[name]
		if now.Sub(f.since) >= l.duration {
			f.count = 0
		}
		k.remember(name, failures{f.count + 1, now})
	}
}

func (k *doorkeeper) remember(name string, f failures) {
	if k.failed == nil {
		k.failed = map[string]failures{}
	}
	if _, known := k.failed[name]; !known && len(k.failed) >= maxFailed {
		oldest := ""
		for other, g := range k.failed {
			if oldest == "" || g.since.Before(k.failed[oldest].since) {
				oldest = other
			}
		}
		delete(k.failed, oldest)
	}
	k.failed[name] = f
}

// owner returns whose PIN was typed; "" when it is nobody's, or several people's. With
// a name it is only that person's PIN that counts. The work is the same for a wrong PIN,
// a right one, and a person who does not exist.
func (k *doorkeeper) owner(people map[string]*Person, name, typed string) string {
	k.once.Do(func() { k.turn = make(chan struct{}, max(1, runtime.NumCPU()/2)) })
	k.turn <- struct{}{}
	defer func() { <-k.turn }()
	if name != "" {
		p := people[name]
		if p == nil || p.PIN.hash == nil {
			inVain(people, typed)
		}
		if p != nil && p.PIN.is(typed) {
			return name
		}
		return ""
	}
	owner, owners := "", 0
	for name, p := range people {
		if p.PIN.is(typed) {
			owner, owners = name, owners+1
		}
	}
	if owners > 1 {
		return ""
	}
	return owner
}

// inVain does the work of comparing a hash of people, if there are any.
func inVain(people map[string]*Person, typed string) {
	for _, p := range people {
		if p.PIN.hash != nil {
			_ = compareHash(p.PIN.hash, []byte(typed)) // it is no use, and takes as long
			return
		}
	}
}
