// Package asterisktest brings up a real Asterisk for tests and for the demo.
//
// Install fills a cache folder with a small Debian that contains Asterisk, once
// per version, with debootstrap. The folder is a plain tree of files: nothing is
// mounted, no service is installed on the machine. Test packages run as separate
// processes, so a lock file makes the first one build and the others wait.
//
// Boot starts one Asterisk in a chroot of that tree. Every instance has its own
// folder in the tree (configuration, run, log, spool, database, sounds) and its own
// ports on 127.0.0.1, so that several run at once. Stop ends the process by its pid
// and removes the folder. A process that is killed takes its instances with it (the
// kernel sends them a signal), and the next Install or Boot removes the folders they
// left.
//
// Tests use Start for one instance of the newest version, or Each for a subtest per
// version:
//
//	func TestMain(m *testing.M) { asterisktest.Main(m) }
//
//	func TestRealMenu(t *testing.T) {
//		asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
//			pbx := start(asterisktest.Config{
//				Dialplan: "[main]\nexten => menu,1,AGI(agi://" + addr + "/menu)\n" +
//					asterisktest.Phone("caller1", asterisktest.Answer(), asterisktest.Press("1"), asterisktest.Wait(time.Second)),
//			})
//			_, err := pbx.Originate(t.Context(), asterisktest.Call{Channel: "Local/caller1@phones", Context: "main", Exten: "menu"})
//			...
//		})
//	}
//
// Where Asterisk cannot run (not Debian, not root, go test -short) these tests skip
// with one line that says why. With PBXFLOW_REQUIRE_ASTERISK=1 they fail instead,
// unless another version runs.
//
// The program in the folder prepare installs both versions ahead of a test run, and
// with -report names afterwards the ones that could not be installed.
package asterisktest
