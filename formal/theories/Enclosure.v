(** * Enclosures of the named functions, written as terms, and interval arithmetic for scalar programs. *)
From Coq Require Import List ZArith QArith Qreals Reals Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Duals Functions.
From SimCert Require Export Elementary Bell.
Import ListNotations.
Local Open Scope R_scope.

(* the kernel must not compute with them *)
Opaque i_exp i_sin i_cos i_atan i_ln i_sqrt i_pi i_bell i_inv i_mul i_add i_opp.

(** ** Constants, and the integral of exp(-u^2/2) *)
Inductive constant := Erf_constant | Gelu_constant | Log_two.
Definition constant_r (c : constant) : R := match c with Erf_constant => 2 * / sqrt PI | Gelu_constant => / (sqrt 2 * sqrt PI) | Log_two => ln 2 end.
Definition inverse_root {rd : rounding} (x : interval) : option interval := match i_sqrt x with Some r => i_inv r | None => None end.
Lemma root_two_positive : 0 < sqrt 2. Proof. apply sqrt_lt_R0. lra. Qed.
Lemma root_pi_positive : 0 < sqrt PI. Proof. apply sqrt_lt_R0, PI_RGT_0. Qed.
Lemma Q2R_2 : Q2R 2 = 2. Proof. unfold Q2R. cbn. lra. Qed.
Lemma two_ok : within 2 (i_q 2). Proof. rewrite <- Q2R_2 at 1. apply i_q_ok. Qed.
Lemma inverse_root_ok {rd : rounding} r x y : within r x -> inverse_root x = Some y -> within (/ sqrt r) y.
Proof.
  unfold inverse_root. destruct (i_sqrt x) as [s|] eqn:E; [|easy]. intros H K. destruct (i_sqrt_ok _ _ _ H E) as [_ S]. exact (proj2 (i_inv_ok _ _ _ S K)).
Qed.
(** the number of bits, where it is not given *)
Definition usual : rounding := to_bits 160.
#[global] Existing Instance usual.
(** computed once, here: the roots of 2 and pi, their inverses, the logarithm of 2 *)
Definition known (o : option interval) : interval := match o with Some i => i | None => i_q 0 end.
Definition pi_interval : interval := Eval vm_compute in known (i_pi 1).
Definition root_two : interval := Eval vm_compute in known (i_sqrt (i_q 2)).
Definition root_half : interval := Eval vm_compute in known (inverse_root (i_q 2)).
Definition root_over_pi : interval := Eval vm_compute in known (inverse_root pi_interval).
Definition log_two : interval := Eval vm_compute in known (i_ln (i_q 2)).
Definition erf_constant : interval := Eval vm_compute in i_mul (i_q 2) root_over_pi.
Definition gelu_constant : interval := Eval vm_compute in i_mul root_half root_over_pi.
Lemma pi_interval_ok : within PI pi_interval.
Proof. apply (i_pi_ok 1); [exact Q2R_1|vm_compute; reflexivity]. Qed.
Lemma root_two_ok : within (sqrt 2) root_two.
Proof. apply (i_sqrt_ok 2 (i_q 2)); [exact two_ok|vm_compute; reflexivity]. Qed.
Lemma root_half_ok : within (/ sqrt 2) root_half.
Proof. apply (inverse_root_ok 2 (i_q 2)); [exact two_ok|vm_compute; reflexivity]. Qed.
Lemma root_over_pi_ok : within (/ sqrt PI) root_over_pi.
Proof. apply (inverse_root_ok PI pi_interval); [exact pi_interval_ok|vm_compute; reflexivity]. Qed.
Definition constant_interval (c : constant) : interval := match c with Erf_constant => erf_constant | Gelu_constant => gelu_constant | Log_two => log_two end.
Lemma constant_interval_ok c : within (constant_r c) (constant_interval c).
Proof.
  destruct c; cbn [constant_interval constant_r].
  - replace erf_constant with (i_mul (i_q 2) root_over_pi) by (vm_compute; reflexivity). apply i_mul_ok; [exact two_ok|exact root_over_pi_ok].
  - assert (A := root_two_positive). assert (B := root_pi_positive). replace (/ (sqrt 2 * sqrt PI)) with (/ sqrt 2 * / sqrt PI) by (field; lra).
    replace gelu_constant with (i_mul root_half root_over_pi) by (vm_compute; reflexivity). apply i_mul_ok; [exact root_half_ok|exact root_over_pi_ok].
  - apply (i_ln_ok 2 (i_q 2)); [exact two_ok|vm_compute; reflexivity].
Qed.
Definition bell2_integral (x : R) : R := sqrt 2 * bell_integral (x * / sqrt 2).
Definition i_bell2 {rd : rounding} (x : interval) : interval := i_mul root_two (i_bell (i_mul x root_half)).
Lemma i_bell2_ok {rd : rounding} r x : within r x -> within (bell2_integral r) (i_bell2 x).
Proof. intros Hr. unfold bell2_integral, i_bell2. apply i_mul_ok; [exact root_two_ok|]. apply i_bell_ok, i_mul_ok; [exact Hr|exact root_half_ok]. Qed.
Opaque root_two root_half constant_interval.
Lemma bell2_derive z : is_derive bell2_integral z (exp (- (/ (1 + 1) * (z * z)))).
Proof.
  assert (P := root_two_positive). assert (S := sqrt_sqrt 2 ltac:(lra)). unfold bell2_integral.
  replace (exp (- (/ (1 + 1) * (z * z)))) with (sqrt 2 * (/ sqrt 2 * bell (z * / sqrt 2))).
  - apply (is_derive_scal (fun z => bell_integral (z * / sqrt 2))). apply (is_derive_comp bell_integral (fun z => z * / sqrt 2)); [apply bell_integral_derive|].
    auto_derive; [exact I|ring].
  - rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra. unfold bell. f_equal. f_equal.
    assert (X : / sqrt 2 * / sqrt 2 = / 2) by (rewrite <- S at 3; field; lra). change (1 + 1) with 2. rewrite <- X. ring.
Qed.

(** ** Named functions, as terms *)
Inductive term := Z_ | One | Neg (a : term) | Add (a b : term) | Mul (a b : term) | Inv (a : term) | Exp_ (a : term)
| Sin_ (a : term) | Cos_ (a : term) | Atan_ (a : term) | Ln_ (a : term) | Sqrt_ (a : term) | Bell_ (a : term) | Bell2_ (a : term) | Cst_ (c : constant).
Fixpoint t_r (z : R) (t : term) : R :=
  match t with
  | Z_ => z | One => 1 | Neg a => - t_r z a | Add a b => t_r z a + t_r z b | Mul a b => t_r z a * t_r z b | Inv a => / t_r z a | Exp_ a => exp (t_r z a)
  | Sin_ a => sin (t_r z a) | Cos_ a => cos (t_r z a) | Atan_ a => atan (t_r z a) | Ln_ a => ln (t_r z a) | Sqrt_ a => sqrt (t_r z a)
  | Bell_ a => bell_integral (t_r z a) | Bell2_ a => bell2_integral (t_r z a) | Cst_ c => constant_r c
  end.
Definition constant_eqb (c d : constant) : bool := match c, d with Erf_constant, Erf_constant | Gelu_constant, Gelu_constant | Log_two, Log_two => true | _, _ => false end.
Fixpoint term_eqb (s t : term) : bool :=
  match s, t with
  | Z_, Z_ | One, One => true
  | Add a b, Add a' b' | Mul a b, Mul a' b' => term_eqb a a' && term_eqb b b'
  | Neg a, Neg b | Inv a, Inv b | Exp_ a, Exp_ b | Sin_ a, Sin_ b | Cos_ a, Cos_ b | Atan_ a, Atan_ b | Ln_ a, Ln_ b | Sqrt_ a, Sqrt_ b
  | Bell_ a, Bell_ b | Bell2_ a, Bell2_ b => term_eqb a b
  | Cst_ c, Cst_ d => constant_eqb c d
  | _, _ => false
  end.
Lemma term_eqb_ok s : forall t, term_eqb s t = true -> s = t.
Proof.
  induction s; intros t H; destruct t; try discriminate H; try reflexivity; cbn [term_eqb] in H;
    try (apply andb_prop in H as [H1 H2]); f_equal; auto. destruct c, c0; try discriminate H; reflexivity.
Qed.
(** terms that occur more than once are computed once *)
Section Terms.
Context {rd : rounding}.
Definition computed := list (term * option interval).
Fixpoint find_term (t : term) (l : computed) : option (option interval) :=
  match l with [] => None | (s, i) :: l => if term_eqb t s then Some i else find_term t l end.
Fixpoint t_i (l : computed) (x : interval) (t : term) : option interval :=
  match find_term t l with
  | Some i => i
  | None =>
    match t with
    | Z_ => Some x
    | One => Some (i_q 1)
    | Neg a => match t_i l x a with Some i => Some (i_opp i) | None => None end
    | Add a b => match t_i l x a, t_i l x b with Some i, Some j => Some (i_add i j) | _, _ => None end
    | Mul a b => match t_i l x a, t_i l x b with Some i, Some j => Some (i_mul i j) | _, _ => None end
    | Inv a => match t_i l x a with Some i => i_inv i | None => None end
    | Exp_ a => match t_i l x a with Some i => i_exp i | None => None end
    | Sin_ a => match t_i l x a with Some i => i_sin i | None => None end
    | Cos_ a => match t_i l x a with Some i => i_cos i | None => None end
    | Atan_ a => match t_i l x a with Some i => i_atan i | None => None end
    | Ln_ a => match t_i l x a with Some i => i_ln i | None => None end
    | Sqrt_ a => match t_i l x a with Some i => i_sqrt i | None => None end
    | Bell_ a => match t_i l x a with Some i => Some (i_bell i) | None => None end
    | Bell2_ a => match t_i l x a with Some i => Some (i_bell2 i) | None => None end
    | Cst_ c => Some (constant_interval c)
    end
  end.
Definition computed_ok (z : R) (l : computed) : Prop := forall t y, In (t, Some y) l -> within (t_r z t) y.
Lemma find_term_ok z l t y : computed_ok z l -> find_term t l = Some (Some y) -> within (t_r z t) y.
Proof.
  induction l as [|[s i] l IH]; cbn [find_term]; intros H E; [discriminate E|]. destruct (term_eqb t s) eqn:T.
  - apply term_eqb_ok in T as <-. injection E as ->. apply H. now left.
  - apply IH; [|exact E]. intros u v K. apply H. now right.
Qed.
Lemma t_ok z x l : within z x -> computed_ok z l -> forall t y, t_i l x t = Some y -> within (t_r z t) y.
Proof.
  intros Hz Hl. induction t; cbn [t_i]; intros y H; match type of H with match find_term ?t l with _ => _ end = _ => destruct (find_term t l) as [o|] eqn:F end;
    try (subst o; exact (find_term_ok z l _ y Hl F)); clear F; cbn [t_r].
  - now injection H as <-.
  - injection H as <-. rewrite <- Q2R_1. apply i_q_ok.
  - destruct (t_i l x t); [|easy]. injection H as <-. now apply i_opp_ok, IHt.
  - destruct (t_i l x t1); [|easy]. destruct (t_i l x t2); [|easy]. injection H as <-. apply i_add_ok; auto.
  - destruct (t_i l x t1); [|easy]. destruct (t_i l x t2); [|easy]. injection H as <-. apply i_mul_ok; auto.
  - destruct (t_i l x t) as [i|]; [|easy]. exact (proj2 (i_inv_ok _ i y (IHt i eq_refl) H)).
  - destruct (t_i l x t) as [i|]; [|easy]. exact (i_exp_ok _ i y (IHt i eq_refl) H).
  - destruct (t_i l x t) as [i|]; [|easy]. exact (i_sin_ok _ i y (IHt i eq_refl) H).
  - destruct (t_i l x t) as [i|]; [|easy]. exact (i_cos_ok _ i y (IHt i eq_refl) H).
  - destruct (t_i l x t) as [i|]; [|easy]. exact (i_atan_ok _ i y (IHt i eq_refl) H).
  - destruct (t_i l x t) as [i|]; [|easy]. exact (proj2 (i_ln_ok _ i y (IHt i eq_refl) H)).
  - destruct (t_i l x t) as [i|]; [|easy]. exact (proj2 (i_sqrt_ok _ i y (IHt i eq_refl) H)).
  - destruct (t_i l x t) as [i|]; [|easy]. injection H as <-. exact (i_bell_ok _ i (IHt i eq_refl)).
  - destruct (t_i l x t) as [i|]; [|easy]. injection H as <-. exact (i_bell2_ok _ i (IHt i eq_refl)).
  - injection H as <-. apply constant_interval_ok.
Qed.
End Terms.
Definition half : term := Inv (Add One One).
Definition e_ := Exp_ Z_.
Definition f_ := Exp_ (Neg Z_).
Definition sub a b := Add a (Neg b).
Definition gelu_factor := Add half (Mul (Cst_ Gelu_constant) (Bell2_ Z_)).
Definition value_term (e : exponential) : term :=
  match e with
  | Exp => e_ | Expm1 => sub e_ One | Tanh => Mul (sub e_ f_) (Inv (Add e_ f_)) | Sigmoid => Inv (Add One f_)
  | Silu => Mul Z_ (Inv (Add One f_)) | Sinh => Mul (sub e_ f_) half | Cosh => Mul (Add e_ f_) half | Gaussian => Exp_ (Neg (Mul Z_ Z_))
  | Sin => Sin_ Z_ | Cos => Cos_ Z_ | Arctan => Atan_ Z_ | Softplus => Ln_ (Add One e_) | Logcosh => Ln_ (Mul (Add e_ f_) half) | Rsqrt => Inv (Sqrt_ Z_)
  | Erf => Mul (Cst_ Erf_constant) (Bell_ Z_) | Gelu => Mul Z_ gelu_factor
  end.
Definition slope_term (e : exponential) : term :=
  match e with
  | Exp | Expm1 => e_
  | Tanh => sub One (Mul (Mul (sub e_ f_) (Inv (Add e_ f_))) (Mul (sub e_ f_) (Inv (Add e_ f_))))
  | Sigmoid => Mul f_ (Mul (Inv (Add One f_)) (Inv (Add One f_)))
  | Silu => Add (Inv (Add One f_)) (Mul Z_ (Mul f_ (Mul (Inv (Add One f_)) (Inv (Add One f_)))))
  | Sinh => Mul (Add e_ f_) half | Cosh => Mul (sub e_ f_) half
  | Gaussian => Neg (Mul (Add Z_ Z_) (Exp_ (Neg (Mul Z_ Z_))))
  | Sin => Cos_ Z_ | Cos => Neg (Sin_ Z_) | Arctan => Inv (Add One (Mul Z_ Z_)) | Softplus => Inv (Add One f_)
  | Logcosh => Mul (sub e_ f_) (Inv (Add e_ f_)) | Rsqrt => Neg (Mul half (Mul (Inv Z_) (Inv (Sqrt_ Z_))))
  | Erf => Mul (Cst_ Erf_constant) (Exp_ (Neg (Mul Z_ Z_)))
  | Gelu => Add gelu_factor (Mul Z_ (Mul (Cst_ Gelu_constant) (Exp_ (Neg (Mul half (Mul Z_ Z_))))))
  end.
(** where the function is differentiable *)
Definition domain (e : exponential) (z : R) : Prop := match e with Rsqrt => 0 < z | _ => True end.
Definition in_domain (e : exponential) (x : interval) : bool := match e with Rsqrt => positive_q (fst x) | _ => true end.
Lemma in_domain_ok e z x : within z x -> in_domain e x = true -> domain e z.
Proof. intros [H _]. destruct e; try exact (fun _ => I). intros K. apply positive_q_ok in K. cbn. lra. Qed.
Lemma erf_bell z : erf z = 2 * / sqrt PI * bell_integral z. Proof. reflexivity. Qed.
Lemma erf_derive z : is_derive erf z (2 * / sqrt PI * bell z).
Proof. apply (is_derive_scal bell_integral), bell_integral_derive. Qed.
Lemma gelu_bell2 z : gelu z = z * (/ (1 + 1) + / (sqrt 2 * sqrt PI) * bell2_integral z).
Proof.
  assert (A := root_two_positive). assert (B := root_pi_positive). unfold gelu, bell2_integral. rewrite erf_bell. unfold Rdiv. field. lra.
Qed.
Lemma value_term_ok e z : exponential_fun e z = t_r z (value_term e).
Proof.
  assert (P := exp_pos z). assert (Q := exp_pos (- z)). assert (P2 := root_two_positive).
  destruct e; cbn [exponential_fun t_r value_term e_ f_ sub half]; unfold tanh, sinh, cosh; try reflexivity; try (field; lra).
  rewrite gelu_bell2. reflexivity.
Qed.
Lemma slope_term_ok e z : domain e z -> is_derive (exponential_fun e) z (t_r z (slope_term e)).
Proof.
  intros D. assert (P := exp_pos z). assert (Q := exp_pos (- z)). assert (P2 := root_two_positive). assert (E2 := sqrt_sqrt 2 ltac:(lra)).
  destruct e; cbn [exponential_fun t_r slope_term e_ f_ sub half domain] in *; unfold tanh, sinh, cosh;
    try ((auto_derive; [repeat split; try exact I; lra|]); try (field; lra); try ring; fail).
  - apply derive_atan.
  - auto_derive; [lra|]. rewrite exp_Ropp. field. lra.
  - assert (S := sqrt_lt_R0 z D). assert (E := sqrt_sqrt z ltac:(lra)). auto_derive; [repeat split; lra|].
    rewrite <- E at 4. field. lra.
  - apply erf_derive.
  - change (is_derive gelu z (/ (1 + 1) + / (sqrt 2 * sqrt PI) * bell2_integral z + z * (/ (sqrt 2 * sqrt PI) * exp (- (/ (1 + 1) * (z * z)))))).
    apply (is_derive_ext (fun z => z * (/ (1 + 1) + / (sqrt 2 * sqrt PI) * bell2_integral z))); [intros t; symmetry; apply gelu_bell2|].
    assert (G := bell2_derive z). auto_derive; [repeat split; try exact I; eexists; exact G|]. change (fun x => bell2_integral x) with bell2_integral.
    rewrite (is_derive_unique _ _ _ G). ring.
Qed.

Section Numbers.
Context {rd : rounding}.
(** the terms that a function and its slope compute more than once *)
Definition shared_terms (e : exponential) : list term :=
  match e with
  | Tanh => [e_; f_; value_term Tanh] | Sigmoid | Silu => [f_; Inv (Add One f_)] | Sinh | Cosh | Logcosh => [e_; f_]
  | Gaussian | Rsqrt => [value_term e] | Gelu => [gelu_factor] | _ => [] end.
Definition shared (e : exponential) (x : interval) : computed :=
  fold_left (fun l t => (t, t_i l x t) :: l) (shared_terms e) [(half, Some (i_q half_q))].
Lemma shared_ok e z x : within z x -> computed_ok z (shared e x).
Proof.
  intros Hz. unfold shared. generalize (shared_terms e). intros ts.
  cut (forall l, computed_ok z l -> computed_ok z (fold_left (fun l t => (t, t_i l x t) :: l) ts l)).
  - intros H. apply H. intros t y [[= <- <-]|[]]. cbn [t_r half]. replace (/ (1 + 1)) with (Q2R half_q) by (rewrite half_q_ok; lra). apply i_q_ok.
  - induction ts as [|t ts IH]; cbn [fold_left]; intros l Hl; [exact Hl|]. apply IH. intros u y [[= -> E]|K]; [exact (t_ok z x l Hz Hl _ _ E)|now apply Hl].
Qed.
Definition i_act (k : shape) (x : interval) : option (interval * interval) :=
  match k with
  | Kink s t => if positive_q (fst x) then Some (i_mul (i_q t) x, i_q t) else if positive_q (qopp (snd x)) then Some (i_mul (i_q s) x, i_q s) else None
  | Inverse =>
    match i_inv x with
    | Some y => Some (y, i_opp (i_mul y y))
    | None => match i_inv (i_opp x) with Some y => Some (i_opp y, i_opp (i_mul y y)) | None => None end
    end
  | Exponential e => 
    if in_domain e x then let l := shared e x in match t_i l x (value_term e), t_i l x (slope_term e) with Some v, Some d => Some (v, d) | _, _ => None end else None
  end.
Lemma i_act_ok k r x v d : within r x -> i_act k x = Some (v, d) ->
  within (shape_fun k r) v /\ exists r', is_derive (shape_fun k) r r' /\ within r' d.
Proof.
  intros Hr H. destruct k as [s t| |e]; cbn [i_act] in H.
  - assert (Hr' := Hr). unfold within in Hr'. destruct (positive_q (fst x)) eqn:E.
    + apply positive_q_ok in E. injection H as <- <-. destruct (kink_derive s t r t) as [K1 K2]; try lra; auto.
      rewrite K1. split; [apply i_mul_ok; [apply i_q_ok|exact Hr]|]. exists (Q2R t). split; [exact K2|apply i_q_ok].
    + destruct (positive_q (qopp (snd x))) eqn:E2; [|easy]. apply positive_q_ok in E2. rewrite qopp_ok in E2. injection H as <- <-.
      destruct (kink_derive s t r s) as [K1 K2]; try lra; auto.
      rewrite K1. split; [apply i_mul_ok; [apply i_q_ok|exact Hr]|]. exists (Q2R s). split; [exact K2|apply i_q_ok].
  - destruct (i_inv x) as [y|] eqn:E.
    + injection H as <- <-. destruct (i_inv_ok _ _ _ Hr E) as [P W]. split; [exact W|]. exists (- (/ r * / r)).
      split; [apply inverse_derive; lra|]. now apply i_opp_ok, i_mul_ok.
    + destruct (i_inv (i_opp x)) as [y|] eqn:E2; [|easy]. injection H as <- <-. destruct (i_inv_ok _ _ _ (i_opp_ok _ _ Hr) E2) as [P W].
      cbn [shape_fun]. replace (/ r) with (- / - r) by (field; lra). split; [now apply i_opp_ok|]. exists (- (/ r * / r)).
      split; [apply inverse_derive; lra|]. replace (/ r * / r) with (/ - r * / - r) by (field; lra). now apply i_opp_ok, i_mul_ok.
  - destruct (in_domain e x) eqn:E0; [|easy]. assert (L := shared_ok e r x Hr). cbv zeta in H.
    destruct (t_i (shared e x) x (value_term e)) as [v'|] eqn:E1; [|easy]. destruct (t_i (shared e x) x (slope_term e)) as [d'|] eqn:E2; [|easy]. injection H as <- <-.
    cbn [shape_fun]. split; [rewrite value_term_ok; exact (t_ok r x _ Hr L _ _ E1)|]. exists (t_r r (slope_term e)).
    split; [now apply slope_term_ok, (in_domain_ok e r x)|exact (t_ok r x _ Hr L _ _ E2)].
Qed.
Definition intervals : numbers.
Proof.
  refine {| carrier := interval; stands := within; of_q := fun q => Some (i_q q); add := i_add; mul := i_mul; act := i_act; zero := i_q 0 |}.
  - intros q a [= <-]. apply i_q_ok.
  - rewrite <- Q2R_0. apply i_q_ok.
  - apply i_add_ok.
  - apply i_mul_ok.
  - apply i_act_ok.
Defined.
End Numbers.
Definition excludes_zero (x : interval) : bool := positive_q (fst x) || positive_q (qopp (snd x)).
Lemma excludes_zero_ok r x : within r x -> excludes_zero x = true -> r <> 0.
Proof.
  unfold within, excludes_zero. intros [A B] H. apply orb_prop in H as [H|H]; apply positive_q_ok in H; rewrite ?qopp_ok in H; lra.
Qed.
