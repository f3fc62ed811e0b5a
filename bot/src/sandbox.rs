//! stub
#[derive(Debug, clap::Args)]
pub struct Options {}
pub async fn run(_: Options) -> anyhow::Result<std::process::ExitCode> {
    Ok(std::process::ExitCode::SUCCESS)
}
