-- A client's colleague who took part in a deal is known by their address too.
CREATE INDEX participants_email ON participants (email);
