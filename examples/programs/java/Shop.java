import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import javax.sql.DataSource;

/** Sells the last hat, with JDBC over HikariCP. MODE=mended locks the row that it decides by. */
class Shop {
    private static final String LOCK = "mended".equals(System.getenv("MODE")) ? " FOR UPDATE" : "";

    public static void main(String[] args) throws IOException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(System.getenv("JDBC_URL"));
        config.setMaximumPoolSize(4);
        config.setAutoCommit(false);
        DataSource pool = new HikariDataSource(config);

        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/buy", request -> {
            int status = 405;
            try {
                if (request.getRequestMethod().equals("POST")) {
                    status = buy(pool, request.getRequestURI().getQuery().replace("customer=", ""));
                }
            } catch (SQLException e) {
                e.printStackTrace();
                status = 500;
            }
            request.sendResponseHeaders(status, -1);
            request.close();
        });
        server.start();
    }

    /** Gives 200, or 409 if nothing is left. The pool rolls back what was not committed. */
    private static int buy(DataSource pool, String customer) throws SQLException {
        try (Connection db = pool.getConnection();
                PreparedStatement look = db.prepareStatement("SELECT left_over FROM stock WHERE item = ?" + LOCK);
                PreparedStatement take = db.prepareStatement("UPDATE stock SET left_over = left_over - 1 WHERE item = ?");
                PreparedStatement order = db.prepareStatement("INSERT INTO orders (customer, item) VALUES (?, ?)")) {
            look.setString(1, "hat");
            try (ResultSet hat = look.executeQuery()) {
                if (!hat.next() || hat.getInt(1) < 1) {
                    return 409;
                }
            }
            take.setString(1, "hat");
            take.executeUpdate();
            order.setString(1, customer);
            order.setString(2, "hat");
            order.executeUpdate();
            db.commit();
            return 200;
        }
    }
}
