package ops

import "runtime/debug"

// build is set by the linker where the commit is not known to the compiler: in an image, which is built without the repository.
var build string

// Version is the build's: what the linker was told, or its commit, or its module's version.
func Version() string {
	if build != "" {
		return build
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	commit, changed := "", ""
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			commit = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			changed = "-changed"
		}
	}
	if commit != "" {
		return commit + changed
	}
	return info.Main.Version
}
