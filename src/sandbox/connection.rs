//! Connections: takes them from the listener, speaks TLS where asked, and ends them rudely where a fault wants it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::house::House;

/// A half-closed connection is read from for this long at most.
const LISTENED: Duration = Duration::from_secs(60);
/// A TLS handshake that takes longer is given up.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How a connection ends that a fault has befallen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Reset, in the midst of whatever went on.
    Dropped,
    /// Nothing more is sent; what comes in is still read.
    HalfClosed,
}

/// Tells a connection how to end, from inside the handling of a request.
#[derive(Clone)]
pub(super) struct End(mpsc::UnboundedSender<Ending>);

impl End {
    /// Ends the connection. The caller never gets to answer.
    pub async fn now(self, how: Ending) -> Infallible {
        let _ = self.0.send(how);
        std::future::pending().await
    }
}

/// Takes connections until `stop` turns true, then lets the requests in flight end.
pub(super) async fn listen(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    house: Arc<House>,
    mut stop: watch::Receiver<bool>,
) {
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                let (house, stop) = (Arc::clone(&house), stop.clone());
                match tls.clone() {
                    None => open.spawn(serve(stream, house, stop)),
                    Some(tls) => open.spawn(async move {
                        let handshake = tokio::time::timeout(HANDSHAKE, tls.accept(stream));
                        match handshake.await {
                            Ok(Ok(stream)) => serve(stream, house, stop).await,
                            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                            Err(_) => tracing::debug!("a TLS handshake took too long"),
                        }
                    }),
                };
            }
            // Too many open files, or a caller that is gone already: others may still come.
            Err(error) => {
                tracing::debug!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

/// A connection's transport, plain or secure.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    const SECURE: bool;
    fn tcp(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    const SECURE: bool = false;
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    const SECURE: bool = true;
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

async fn serve<W: Wire>(wire: W, house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let (end, mut ends) = mpsc::unbounded_channel();
    let end = End(end);
    let service = service_fn(move |incoming: hyper::Request<Incoming>| {
        let (house, end) = (Arc::clone(&house), end.clone());
        async move { Ok::<_, Infallible>(house.take(incoming, W::SECURE, end).await) }
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(wire), service);
    let mut stopping = false;
    let how = loop {
        tokio::select! {
            biased;
            served = &mut connection => {
                if let Err(error) = served {
                    tracing::debug!(%error, "a connection ended");
                }
                return;
            }
            Some(how) = ends.recv() => break how,
            _ = stop.wait_for(|stop| *stop), if !stopping => {
                stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let mut wire = connection.into_parts().io.into_inner();
    match how {
        Ending::Dropped => {
            let _ = wire.tcp().set_zero_linger();
        }
        Ending::HalfClosed => {
            let _ = wire.shutdown().await;
            let mut waste = [0; 1024];
            let until_it_ends = async { while matches!(wire.read(&mut waste).await, Ok(1..)) {} };
            tokio::select! {
                _ = tokio::time::timeout(LISTENED, until_it_ends) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        }
    }
}

/// How an answer's body goes out.
pub(super) enum Pace {
    AtOnce,
    /// In pieces, the last of them after about this time.
    Slowly(Duration),
    /// The first half, then never more; the connection is ended as told.
    Half(End),
}

/// How many pieces a slow body comes in.
const PIECES: usize = 20;

/// An answer's body.
pub(super) struct Outgoing {
    rest: Bytes,
    pace: Pace,
    piece: usize,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Outgoing {
    pub fn new(text: String, pace: Pace) -> Outgoing {
        let piece = match &pace {
            Pace::AtOnce => text.len(),
            Pace::Slowly(_) => text.len().div_ceil(PIECES),
            Pace::Half(_) => text.len() / 2,
        };
        Outgoing {
            rest: text.into(),
            pace,
            piece,
            pause: None,
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        if let Pace::Half(end) = &this.pace
            && this.piece == 0
        {
            let _ = end.0.send(Ending::HalfClosed);
            return Poll::Pending;
        }
        if let Pace::Slowly(all) = this.pace {
            let each = all / u32::try_from(PIECES).unwrap_or(1);
            let pause = this
                .pause
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(each)));
            if pause.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            this.pause = None;
        }
        let piece = this.rest.split_to(this.piece.min(this.rest.len()));
        if let Pace::Half(_) = this.pace {
            this.piece = 0;
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
