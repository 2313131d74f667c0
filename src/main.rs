//! umpdeck: parses the command line, picks a face, turns the outcome into an exit code.
use umpdeck::{console, desk, sandbox};

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let dir = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    let ending = runtime.block_on(async {
        let server = sandbox::Sandbox::start(Default::default()).await.unwrap();
        let mut site = desk::training::site(&server.url(), dir.clone(), "ops@noc".into())
            .await
            .unwrap();
        site.begins_anew = true;
        let (desk, events) = desk::Desk::open(site).unwrap();
        let options = console::Options {
            theme: "auto".into(),
            ascii: false,
            clipboard_command: vec![],
            refresh_minutes: 15,
            log: dir.join("log"),
        };
        console::run(desk, events, options).await.unwrap()
    });
    std::process::exit(i32::from(ending.exit_code()));
}
