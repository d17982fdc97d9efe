(** * What is known of the named functions: parity, value at 0, differential equations; and the sign of a number. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii String Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Slp Bell.
From SimCert Require Import Syntax Printer Parser Functions Meaning.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.
Local Open Scope bool_scope.

Definition odd_names : list string := ["tanh"; "sin"; "sinh"; "arctan"; "reciprocal"; "erf"].
Definition even_names : list string := ["cos"; "cosh"; "gaussian"; "logcosh"].
Definition one_of (l : list string) (n : text) : bool := existsb (fun s => is s n) l.
Local Open Scope R_scope.
Lemma sinh_odd t : sinh (- t) = - sinh t.
Proof. unfold sinh. rewrite Ropp_involutive. lra. Qed.
Lemma cosh_even t : cosh (- t) = cosh t.
Proof. unfold cosh. rewrite Ropp_involutive. lra. Qed.
Lemma tanh_odd t : tanh (- t) = - tanh t.
Proof. unfold tanh. rewrite sinh_odd, cosh_even. unfold Rdiv. ring. Qed.
Lemma odd_named n g : one_of odd_names n = true -> function_of (Named n) = Some g -> forall t, g (- t) = - g t.
Proof.
  intros H Hg t. apply existsb_exists in H as (s & Hs & E). apply text_eqb_ok in E. subst n. unfold odd_names in Hs. cbn [In] in Hs.
  destruct Hs as [<-|[<-|[<-|[<-|[<-|[<-|[]]]]]]].
  - assert (E : Some g = Some tanh) by (rewrite <- Hg; reflexivity). injection E as ->. apply tanh_odd.
  - assert (E : Some g = Some sin) by (rewrite <- Hg; reflexivity). injection E as ->. apply sin_neg.
  - assert (E : Some g = Some sinh) by (rewrite <- Hg; reflexivity). injection E as ->. apply sinh_odd.
  - assert (E : Some g = Some atan) by (rewrite <- Hg; reflexivity). injection E as ->. apply atan_opp.
  - assert (E : Some g = Some Rinv) by (rewrite <- Hg; reflexivity). injection E as ->.
    destruct (Req_dec t 0) as [->|D]; [rewrite Ropp_0, Rinv_0; ring|now field].
  - assert (E : Some g = Some erf) by (rewrite <- Hg; reflexivity). injection E as ->.
    change (2 / sqrt PI * Bell.bell_integral (- t) = - (2 / sqrt PI * Bell.bell_integral t)). rewrite Bell.bell_integral_odd. ring.
Qed.
Lemma even_named n g : one_of even_names n = true -> function_of (Named n) = Some g -> forall t, g (- t) = g t.
Proof.
  intros H Hg t. apply existsb_exists in H as (s & Hs & E). apply text_eqb_ok in E. subst n. unfold even_names in Hs. cbn [In] in Hs.
  destruct Hs as [<-|[<-|[<-|[<-|[]]]]].
  - assert (E : Some g = Some cos) by (rewrite <- Hg; reflexivity). injection E as ->. apply cos_neg.
  - assert (E : Some g = Some cosh) by (rewrite <- Hg; reflexivity). injection E as ->. apply cosh_even.
  - assert (E : Some g = Some (fun t => exp (- (t * t)))) by (rewrite <- Hg; reflexivity). injection E as ->. f_equal. ring.
  - assert (E : Some g = Some (fun t => ln (cosh t))) by (rewrite <- Hg; reflexivity). injection E as ->. now rewrite cosh_even.
Qed.

(** ** Values at 0 *)
Definition zero_names : list string := ["silu"; "expm1"; "logcosh"; "gelu"].
Lemma zero_named n g : one_of zero_names n = true -> function_of (Named n) = Some g -> g 0 = 0.
Proof.
  intros H Hg. apply existsb_exists in H as (s & Hs & E). apply text_eqb_ok in E. subst n. unfold zero_names in Hs. cbn [In] in Hs.
  destruct Hs as [<-|[<-|[<-|[<-|[]]]]].
  - assert (E : Some g = Some (fun t => t / (1 + exp (- t)))) by (rewrite <- Hg; reflexivity). injection E as ->. unfold Rdiv. ring.
  - assert (E : Some g = Some (fun t => exp t - 1)) by (rewrite <- Hg; reflexivity). injection E as ->. rewrite exp_0. ring.
  - assert (E : Some g = Some (fun t => ln (cosh t))) by (rewrite <- Hg; reflexivity). injection E as ->. rewrite cosh_0. apply ln_1.
  - assert (E : Some g = Some gelu) by (rewrite <- Hg; reflexivity). injection E as ->. unfold gelu. field.
Qed.

(** ** The derivative is a polynomial of the value: exp' = exp, tanh' = 1 - tanh^2, ... *)
Definition odes : list (string * list Q) :=
  [("exp", [0; 1]); ("expm1", [1; 1]); ("tanh", [1; 0; -1]); ("sigmoid", [0; 1; -1]); ("reciprocal", [0; 0; -1])]%Q.
Definition named_ode (n : text) : option (list Q) := find n (List.map (fun e => (txt (fst e), snd e)) odes).
Lemma named_ode_cases n c : named_ode n = Some c -> exists s, n = txt s /\ In (s, c) odes.
Proof.
  unfold named_ode. generalize odes as l. induction l as [|[s d] l IH]; cbn [List.map find fst snd]; [easy|].
  destruct (text_eqb n (txt s)) eqn:E; [|intros H; apply IH in H as (s' & H1 & H2); exists s'; auto with datatypes].
  intros [= ->]. apply text_eqb_ok in E. exists s. auto with datatypes.
Qed.
Lemma cosh_pos t : 0 < cosh t.
Proof. unfold cosh. assert (H := exp_pos t). assert (K := exp_pos (- t)). lra. Qed.
Lemma cosh_sinh t : cosh t * cosh t - sinh t * sinh t = 1.
Proof. unfold cosh, sinh. assert (E : exp t * exp (- t) = 1) by (rewrite <- exp_plus, Rplus_opp_r; apply exp_0). nra. Qed.
Lemma Rinv_not_derivable : ~ ex_derive Rinv 0.
Proof.
  intros H. apply ex_derive_continuous in H. 
  assert (P : locally (/ 0) (fun y => Rabs (y - / 0) < 1)).
  { exists (mkposreal 1 Rlt_0_1). intros y Hy. exact Hy. }
  specialize (H _ P). destruct H as [d Hd]. set (m := Rmin (d / 2) (/ (2 + Rabs (/ 0)))).
  assert (Q0 : 0 < / (2 + Rabs (/ 0))) by (apply Rinv_0_lt_compat; assert (K := Rabs_pos (/ 0)); lra).
  assert (M : 0 < m) by (unfold m; apply Rmin_pos; [destruct d; simpl; lra|exact Q0]).
  specialize (Hd m). assert (B : ball 0 d m).
  { unfold ball; simpl; unfold AbsRing_ball, abs, minus, plus, opp; simpl. rewrite Ropp_0, Rplus_0_r, Rabs_pos_eq by lra.
    assert (K := Rmin_l (d / 2) (/ (2 + Rabs (/ 0)))). fold m in K. destruct d; simpl in *; lra. }
  specialize (Hd B). assert (I : 2 + Rabs (/ 0) <= / m).
  { rewrite <- (Rinv_inv (2 + Rabs (/ 0))). apply Rinv_le_contravar; [exact M|]. unfold m. apply Rmin_r. }
  assert (K := Rabs_triang_inv (/ m) (/ 0)). rewrite (Rabs_pos_eq (/ m)) in K by (assert (Z := Rabs_pos (/ 0)); lra). lra.
Qed.
Lemma named_ode_ok n g c : named_ode n = Some c -> function_of (Named n) = Some g -> forall t, ex_derive g t -> is_derive g t (Slp.rpoly c (g t)).
Proof.
  intros H Hg t Ht. apply named_ode_cases in H as (s & -> & Hin). unfold odes in Hin. cbn [In] in Hin.
  destruct Hin as [E|[E|[E|[E|[E|[]]]]]]; injection E as <- <-; unfold Slp.rpoly; cbn [fold_right].
  - assert (E : Some g = Some exp) by (rewrite <- Hg; reflexivity). injection E as ->. replace (_ + _) with (exp t) by (rewrite Q2R_0, Q2R_1; ring). apply is_derive_exp.
  - assert (E : Some g = Some (fun t => exp t - 1)) by (rewrite <- Hg; reflexivity). injection E as ->. replace (_ + _) with (exp t) by (rewrite Q2R_1; ring). auto_derive; [exact I|ring].
  - assert (E : Some g = Some tanh) by (rewrite <- Hg; reflexivity). injection E as ->.
    assert (C := cosh_pos t). assert (S := cosh_sinh t).
    assert (D : is_derive (fun t => sinh t / cosh t) t (1 - (sinh t / cosh t) * (sinh t / cosh t))).
    { assert (D1 : is_derive sinh t (cosh t)) by (unfold sinh, cosh; auto_derive; [exact I|field]).
      assert (D2 : is_derive cosh t (sinh t)) by (unfold sinh, cosh; auto_derive; [exact I|field]).
      replace (1 - _) with ((cosh t * cosh t - sinh t * sinh t) / (cosh t) ^ 2) by (field; lra). apply is_derive_div; [exact D1|exact D2|lra]. }
    replace (_ + _) with (1 - tanh t * tanh t) by (rewrite Q2R_1, Q2R_0; replace (Q2R (-1)) with (-1) by (unfold Q2R; simpl; lra); ring). exact D.
  - assert (E : Some g = Some (fun t => / (1 + exp (- t)))) by (rewrite <- Hg; reflexivity). injection E as ->. assert (P := exp_pos (- t)).
    auto_derive; [lra|]. rewrite Q2R_1, Q2R_0. replace (Q2R (-1)) with (-1) by (unfold Q2R; simpl; lra). field. lra.
  - assert (E : Some g = Some Rinv) by (rewrite <- Hg; reflexivity). injection E as ->. destruct (Req_dec t 0) as [->|D]; [now apply Rinv_not_derivable in Ht|].
    rewrite Q2R_0. replace (Q2R (-1)) with (-1) by (unfold Q2R; simpl; lra). auto_derive; [exact D|]. field. exact D.
Qed.
Lemma odd_ode n c : named_ode n = Some c -> one_of odd_names n = true -> forall y, Slp.rpoly c (- y) = Slp.rpoly c y.
Proof.
  intros H Ho y. apply named_ode_cases in H as (s & -> & Hin). unfold odes in Hin. cbn [In] in Hin.
  destruct Hin as [E|[E|[E|[E|[E|[]]]]]]; injection E as <- <-; try discriminate Ho; unfold Slp.rpoly; cbn [fold_right]; rewrite Q2R_0; ring.
Qed.
Lemma even_ode n c : named_ode n = Some c -> one_of even_names n = false.
Proof.
  intros H. apply named_ode_cases in H as (s & -> & Hin). unfold odes in Hin. cbn [In] in Hin.
  destruct Hin as [E|[E|[E|[E|[E|[]]]]]]; injection E as <- <-; reflexivity.
Qed.

(** ** Signs, and functions with a kink at 0 *)
Lemma sgn_abs z : z * Slp.sgn z = Rabs z.
Proof. unfold Slp.sgn, Rabs. destruct (Rlt_dec 0 z), (Rlt_dec z 0), (Rcase_abs z); lra. Qed.
Lemma is_derive_sgn z : z <> 0 -> is_derive Slp.sgn z 0.
Proof.
  intros Hz. apply (is_derive_ext_loc (fun _ => Slp.sgn z)); [|apply @is_derive_const].
  assert (P : 0 < Rabs z) by now apply Rabs_pos_lt. exists (mkposreal _ P). intros y Hy.
  unfold ball in Hy; simpl in Hy; unfold AbsRing_ball, abs, minus, plus, opp in Hy; simpl in Hy. unfold Slp.sgn.
  revert Hy. unfold Rabs. destruct (Rcase_abs (y + - z)), (Rcase_abs z), (Rlt_dec 0 z), (Rlt_dec z 0), (Rlt_dec 0 y), (Rlt_dec y 0); lra.
Qed.
Definition piecewise (p q : Q) (z : R) : R := if Rle_dec 0 z then Q2R q * z else Q2R p * z.
Definition half (q : Q) : Q := qmul (Qmake 1 2) q.
Lemma half_ok q : Q2R (half q) = Q2R q / 2.
Proof. unfold half. rewrite qmul_ok. unfold Q2R at 1. simpl. lra. Qed.
Lemma piecewise_signed p q z : piecewise p q z = Q2R (half (qadd p q)) * z + Q2R (half (qadd q (qopp p))) * (z * Slp.sgn z).
Proof. rewrite !half_ok, !qadd_ok, qopp_ok, sgn_abs. unfold piecewise, Rabs. destruct (Rle_dec 0 z), (Rcase_abs z); lra. Qed.
Lemma kink p q : Q2R p <> Q2R q -> ~ ex_derive (piecewise p q) 0.
Proof.
  intros D (l & H). apply is_derive_Reals in H. assert (E : 0 < Rabs (Q2R p - Q2R q) / 2) by (assert (K := Rabs_pos_lt (Q2R p - Q2R q)); lra).
  destruct (H _ E) as [d Hd]. assert (P := cond_pos d).
  assert (H1 : d / 2 <> 0) by lra. assert (H2 : - (d / 2) <> 0) by lra.
  assert (K1 := Hd (d / 2) H1 ltac:(rewrite Rabs_pos_eq; lra)). assert (K2 := Hd (- (d / 2)) H2 ltac:(rewrite Rabs_Ropp, Rabs_pos_eq; lra)).
  rewrite !Rplus_0_l in *. unfold piecewise in K1, K2. destruct (Rle_dec 0 (d / 2)) as [_|]; [|lra]. destruct (Rle_dec 0 (- (d / 2))) as [|_]; [lra|].
  destruct (Rle_dec 0 0) as [_|]; [|lra]. rewrite Rmult_0_r in *.
  replace ((Q2R q * (d / 2) - 0) / (d / 2) - l) with (Q2R q - l) in K1 by (field; lra).
  replace ((Q2R p * - (d / 2) - 0) / - (d / 2) - l) with (Q2R p - l) in K2 by (field; lra).
  assert (T := Rabs_triang (Q2R p - l) (- (Q2R q - l))). rewrite Rabs_Ropp in T. replace (Q2R p - l + - (Q2R q - l)) with (Q2R p - Q2R q) in T by ring. lra.
Qed.
