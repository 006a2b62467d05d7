import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;

/** Requests of Java: HttpClient, which offers h2c by default, its WebSocket, and HttpURLConnection. Argument: ORIGIN. */
final class Client {
    public static void main(String[] arguments) throws Exception {
        String origin = arguments[0];
        HttpClient offering = HttpClient.newHttpClient();
        send(offering, HttpRequest.newBuilder(URI.create(origin + "/h2c?a=b")));
        send(offering, HttpRequest.newBuilder(URI.create(origin + "/h2c")).POST(BodyPublishers.ofString("hello")));

        HttpClient plain = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        send(plain, HttpRequest.newBuilder(URI.create(origin + "/plain")));
        send(plain, HttpRequest.newBuilder(URI.create(origin + "/length")).header("X-List", "a").header("X-List", "b").PUT(BodyPublishers.ofString("hello")));
        send(plain, HttpRequest.newBuilder(URI.create(origin + "/chunks")).POST(BodyPublishers.ofInputStream(() -> InputStream.nullInputStream())));
        send(plain, HttpRequest.newBuilder(URI.create(origin + "/chunks")).POST(BodyPublishers.fromPublisher(BodyPublishers.ofString("hello"))));
        send(plain, HttpRequest.newBuilder(URI.create(origin + "/wait")).expectContinue(true).POST(BodyPublishers.ofString("hello")));
        send(plain, HttpRequest.newBuilder(URI.create(origin + "/gone")).timeout(Duration.ofSeconds(9)).DELETE());
        plain.newWebSocketBuilder().subprotocols("chat").buildAsync(URI.create(origin.replace("http", "ws") + "/socket"), new WebSocket.Listener() { }).join().abort();

        HttpURLConnection old = (HttpURLConnection) new URL(origin + "/old?q=a+b").openConnection();
        old.getInputStream().readAllBytes();
        old = (HttpURLConnection) new URL(origin + "/old").openConnection();
        old.setDoOutput(true);
        old.setChunkedStreamingMode(4);
        old.getOutputStream().write("hello world".getBytes("US-ASCII"));
        old.getOutputStream().close();
        old.getInputStream().readAllBytes();
    }

    private static void send(HttpClient client, HttpRequest.Builder request) throws Exception {
        client.send(request.build(), BodyHandlers.ofString());
    }
}
