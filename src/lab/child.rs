//! A child never outlives us: it has a process group of its own, so that a Ctrl-C in the terminal reaches us alone,
//! and the kernel ends it when we are gone, however that happened.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpid, getppid, kill_process, set_parent_process_death_signal};

struct Order {
    command: Command,
    reply: mpsc::Sender<io::Result<Child>>,
}

/// Starts `command` as a child that receives `last` when this process ends.
pub fn spawn(mut command: Command, last: Signal) -> io::Result<Child> {
    command.process_group(0);
    tie(&mut command, last);
    let (reply, answer) = mpsc::channel();
    spawner().send(Order { command, reply }).map_err(io::Error::other)?;
    answer.recv().map_err(io::Error::other)?
}

/// The kernel's promise holds for as long as the thread that spawned, so all children come from one that never ends.
fn spawner() -> &'static mpsc::Sender<Order> {
    static SPAWNER: OnceLock<mpsc::Sender<Order>> = OnceLock::new();
    SPAWNER.get_or_init(|| {
        let (sender, orders) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for Order { mut command, reply } in orders {
                // It fails only if the one who asked has gone; the child then runs until we end.
                let _ = reply.send(command.spawn());
            }
        });
        sender
    })
}

#[allow(unsafe_code)]
fn tie(command: &mut Command, last: Signal) {
    let parent = getpid();
    let in_child = move || {
        set_parent_process_death_signal(Some(last))?;
        // The parent may have ended before the line above: then nobody would ever send the signal.
        if getppid() == Some(parent) { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
    };
    // SAFETY: between fork and exec the closure makes two system calls and neither allocates nor takes a lock.
    unsafe { command.pre_exec(in_child) };
}

/// The child's process id in the form that signals are sent to.
pub fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

/// Sends `signal` to one process; one that has ended already is no error.
pub fn signal(pid: Pid, signal: Signal) -> io::Result<()> {
    match kill_process(pid, signal) {
        Err(rustix::io::Errno::SRCH) => Ok(()),
        other => other.map_err(Into::into),
    }
}

/// Waits for the child's end, blocking for at most `within`; `None` when it still runs.
pub fn wait(child: &mut Child, within: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + within;
    loop {
        match child.try_wait()? {
            None if Instant::now() < deadline => thread::sleep(Duration::from_millis(2)),
            status => return Ok(status),
        }
    }
}

/// The children of a process, as the kernel lists them now.
pub fn children_of(parent: Pid) -> io::Result<Vec<Pid>> {
    let entries = std::fs::read_dir("/proc")?;
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let processes = numbers.filter_map(Pid::from_raw);
    Ok(processes.filter(|&pid| look(pid).is_some_and(|seen| seen.parent == Some(parent))).collect())
}

/// Waits until a process that was sent SIGSTOP stands still, or is gone.
pub fn wait_for_stop(pid: Pid, within: Duration) -> io::Result<()> {
    wait_until(within, || look(pid).is_none_or(|seen| matches!(seen.state, 'T' | 't' | 'Z')))
}

/// Waits until processes have ended, whether or not their parent has taken notice.
pub fn wait_for_end(pids: &[Pid], within: Duration) -> io::Result<()> {
    wait_until(within, || pids.iter().all(|&pid| look(pid).is_none_or(|seen| seen.state == 'Z')))
}

fn wait_until(within: Duration, done: impl Fn() -> bool) -> io::Result<()> {
    let deadline = Instant::now() + within;
    while !done() {
        if Instant::now() >= deadline {
            return Err(io::ErrorKind::TimedOut.into());
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// What the kernel tells of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The state's letter: R running, S sleeping, T stopped, Z ended and not yet taken notice of.
    pub state: char,
    /// The parent; none for the first process.
    pub parent: Option<Pid>,
}

/// Looks at a process; `None` when there is none of this id.
pub fn look(pid: Pid) -> Option<Seen> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // The name in parentheses may itself contain blanks and parentheses.
    let mut fields = stat[stat.rfind(')')? + 1..].split_whitespace();
    Some(Seen { state: fields.next()?.chars().next()?, parent: Pid::from_raw(fields.next()?.parse().ok()?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Child {
        let mut command = Command::new("sleep");
        command.arg("60");
        spawn(command, Signal::KILL).unwrap()
    }

    #[test]
    fn a_child_outlives_the_thread_that_asked_for_it() {
        let mut child = thread::spawn(sleeper).join().unwrap();
        assert!(wait(&mut child, Duration::from_millis(100)).unwrap().is_none());
        signal(pid(&child), Signal::TERM).unwrap();
        assert!(wait(&mut child, Duration::from_secs(5)).unwrap().is_some());
    }

    #[test]
    fn children_are_found_by_their_parent() {
        let mut child = sleeper();
        assert!(children_of(getpid()).unwrap().contains(&pid(&child)));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(look(pid(&child)), None);
        signal(pid(&child), Signal::TERM).unwrap();
    }

    #[test]
    fn a_stop_and_an_end_are_waited_for() {
        let mut child = sleeper();
        signal(pid(&child), Signal::STOP).unwrap();
        wait_for_stop(pid(&child), Duration::from_secs(5)).unwrap();
        assert_eq!(look(pid(&child)).unwrap().state, 'T');
        assert!(wait_for_end(&[pid(&child)], Duration::from_millis(20)).is_err());
        child.kill().unwrap();
        wait_for_end(&[pid(&child)], Duration::from_secs(5)).unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        assert!(spawn(Command::new("/nonexistent/program"), Signal::KILL).is_err());
    }
}
