plugins { id("org.springframework.boot") version "3.5.0" }
dependencies { runtimeOnly("org.mariadb.jdbc:mariadb-java-client") }
