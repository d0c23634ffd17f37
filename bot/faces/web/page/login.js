// Sign-in by token.
import { post } from "./api.js";

const form = document.getElementById("login");
const error = document.getElementById("login-error");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  error.textContent = "";
  try {
    await post("/web/login", { token: document.getElementById("token").value.trim() });
    location.replace("/");
  } catch (failure) {
    error.textContent = failure.message;
    document.getElementById("token").select();
  }
});
